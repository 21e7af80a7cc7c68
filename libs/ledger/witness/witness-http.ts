import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ADD_CHECKPOINT_SIZE_MAX_BYTES } from './add-checkpoint.js';
import type { Witness, WitnessAnswer } from './witness.js';
import { WitnessBusy } from './witness-errors.js';

/** Time for the headers, and for a whole request, to arrive; who is slower is cut off. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const TIMEOUTS_CHECKED_EVERY_MS = 1_000;
/** Logs ask about once a second and should find their connection still there. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const HEADER_SIZE_MAX_BYTES = 8_192;
const CONNECTIONS_MAX = 256;
const RETRY_AFTER_SECONDS = '1';

const TEXT = 'text/plain; charset=utf-8';
/** C2SP tlog-witness, "add-checkpoint". */
const SIZE_MEDIA_TYPE = 'text/x.tlog.size';
const ADD_CHECKPOINT_PATH = '/add-checkpoint';
const CHECKPOINT_PATH = /^\/(?<originHash>[0-9a-f]{64})\/checkpoint$/;

export type WitnessDoor = {
  readonly witness: Witness;
  readonly vkey: string;
  /** Told of what was answered with 500. */
  readonly onFault: (error: unknown) => void;
};

type Answer = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * The witness's HTTP interface: `POST /add-checkpoint`, `GET /<origin hash>/checkpoint` (C2SP
 * tlog-witness) and `GET /vkey`. Not listening yet. Prefixes are left to whoever stands before it.
 */
export function createWitnessServer(door: WitnessDoor): Server {
  const options = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUTS_CHECKED_EVERY_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxHeaderSize: HEADER_SIZE_MAX_BYTES,
  };
  const server = createServer(options, (request, response) => {
    answerOf(request, door)
      .catch((error: unknown): Answer => {
        if (error instanceof WitnessBusy) return BUSY;
        door.onFault(error);
        return { status: 500, text: 'the witness cannot cosign now\n' };
      })
      .then(
        (answer) => send(response, answer, server),
        () => response.destroy(),
      );
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

const BUSY: Answer = {
  status: 503,
  text: 'too many requests wait for this log\n',
  headers: { 'retry-after': RETRY_AFTER_SECONDS },
};
const TOO_LONG: Answer = {
  status: 413,
  text: `a request has at most ${ADD_CHECKPOINT_SIZE_MAX_BYTES} bytes\n`,
  // What else comes is not read, so that the connection cannot be used again.
  headers: { connection: 'close' },
};
const NOTHING_HERE: Answer = { status: 404, text: 'there is nothing at this address\n' };

async function answerOf(request: IncomingMessage, { witness, vkey }: WitnessDoor): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const originHash = CHECKPOINT_PATH.exec(path)?.groups?.['originHash'];
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (path === ADD_CHECKPOINT_PATH) {
    if (request.method !== 'POST') return notBy('POST');
    const body = await bodyOf(request);
    return body === undefined ? TOO_LONG : told(await witness.addCheckpoint(body));
  }
  if (path !== '/vkey' && originHash === undefined) return NOTHING_HERE;
  if (!isReading) return notBy('GET, HEAD');
  const text = originHash === undefined ? `${vkey}\n` : witness.checkpointOf(originHash);
  return text === undefined ? NOTHING_HERE : { status: 200, text };
}

function told(answer: WitnessAnswer): Answer {
  switch (answer.status) {
    case 200:
      return { status: 200, text: answer.lines };
    case 409: {
      const headers = { 'content-type': SIZE_MEDIA_TYPE };
      return { status: 409, text: `${answer.size}\n`, headers };
    }
    default:
      return { status: answer.status, text: `${answer.reason}\n` };
  }
}

function notBy(allow: string): Answer {
  return { status: 405, text: `this address takes ${allow}\n`, headers: { allow } };
}

/** The body, or undefined when it is longer than a request can be. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ADD_CHECKPOINT_SIZE_MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, text, headers }: Answer, server: Server): void {
  // Who is told that the witness ends opens no further request on the same connection.
  const ending = server.listening ? {} : { connection: 'close' };
  response.writeHead(status, {
    'content-type': TEXT,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...ending,
    ...headers,
  });
  response.end(text);
}
