import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OPENSSL_TIMEOUT_MS = 60_000;

/** What `openssl ts -reply` needs; a section for each kind of authority. */
const CONFIGURATION = `
[ willing ]
digests = sha256
serial = serial
signer_cert = authority.pem
signer_key = authority.key
certs = root.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256

[ choosy ]
digests = sha512
serial = serial
signer_cert = authority.pem
signer_key = authority.key
signer_digest = sha256
default_policy = 1.2.3.4.1
ess_cert_id_alg = sha256

[ purpose ]
extendedKeyUsage = critical,timeStamping
`;

/** Does to a request, or to the answer, what an authority should not. */
export type Behaviour = {
  readonly section?: 'willing' | 'choosy';
  readonly request?: (query: Buffer) => Buffer;
  readonly answer?: (reply: Buffer) => Buffer;
  /** Takes the whole answering over. */
  readonly respond?: (response: ServerResponse) => void;
};

/** openssl's own time-stamp authority behind a loopback address, with a root of its own. */
export type TestAuthority = {
  readonly url: string;
  readonly rootFile: string;
  /** A root that vouches for nobody here. */
  readonly otherRootFile: string;
  behaviour: Behaviour;
  /** The media type of the last request. */
  readonly asked: () => string | undefined;
  stop(): Promise<void>;
};

export async function startTestAuthority(): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'redress-authority-'));
  const openssl = async (...args: readonly string[]): Promise<void> => {
    await run('openssl', args, { cwd: folder, timeout: OPENSSL_TIMEOUT_MS });
  };
  await makeCertificates(folder, openssl);
  let mediaType: string | undefined;
  const authority = { behaviour: {} as Behaviour };

  const replyTo = async (query: Buffer): Promise<Buffer> => {
    const { section = 'willing', request, answer } = authority.behaviour;
    writeFileSync(join(folder, 'query'), request?.(query) ?? query);
    const files = ['-queryfile', 'query', '-out', 'reply'];
    await openssl('ts', '-reply', '-config', 'configuration', '-section', section, ...files);
    const reply = readFileSync(join(folder, 'reply'));
    return answer?.(reply) ?? reply;
  };

  const server = createServer((request, response) => {
    mediaType = request.headers['content-type'];
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { respond } = authority.behaviour;
      if (respond) return respond(response);
      replyTo(Buffer.concat(chunks)).then(
        (reply) => {
          response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply);
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(authority, {
    url: `http://127.0.0.1:${port}/`,
    rootFile: join(folder, 'root.pem'),
    otherRootFile: join(folder, 'other.pem'),
    asked: () => mediaType,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

async function makeCertificates(
  folder: string,
  openssl: (...args: readonly string[]) => Promise<void>,
): Promise<void> {
  writeFileSync(join(folder, 'configuration'), CONFIGURATION);
  writeFileSync(join(folder, 'serial'), '01\n');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['root', 'other']) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    await openssl('req', '-x509', ...key, ...files, '-days', '2', '-subj', `/CN=test ${name}`);
  }
  const files = ['-keyout', 'authority.key', '-out', 'authority.csr'];
  await openssl('req', '-new', ...key, ...files, '-subj', '/CN=test authority');
  await openssl(
    ...['x509', '-req', '-in', 'authority.csr', '-out', 'authority.pem', '-days', '1'],
    ...['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'],
    ...['-extfile', 'configuration', '-extensions', 'purpose'],
  );
}
