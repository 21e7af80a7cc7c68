import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** What a request is answered; whoever answers nothing leaves it waiting. */
export type Script = (response: ServerResponse, asked: Asked) => void;

/** A server on loopback that does with each request what the test says, and keeps what it was asked. */
export class ScriptedServer {
  readonly asked: Asked[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      this.asked.push(one);
      this.script(response, one);
    });
  });

  private constructor(public script: Script) {}

  static async start(script: Script = answering(404)): Promise<ScriptedServer> {
    const started = new ScriptedServer(script);
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get url(): string {
    // The cast holds for whatever listens on an address and a port.
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Cuts whatever is still open. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export function answering(status: number, body: string | Uint8Array = ''): Script {
  return (response) => {
    response.writeHead(status).end(body);
  };
}
