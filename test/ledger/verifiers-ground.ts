import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Fault } from '#evidence';
import { formatVerifierKey, verifierKeyOf, type SignerKey } from '#merkle';
import type { MemoryLedger } from '#testing/evidence';
import type { Offer } from '../servers/offered.js';

export const VERIFIER = resolve('apps/verifiers/verify.py');
const NAIVE = resolve('test/ledger/verifiers/naive_ledger.py');
/** A verifier that takes longer hangs. */
const RUN_MAX_MS = 120_000;
const OUTPUT_MAX_BYTES = 16_000_000;

export type Ran = { readonly status: number; readonly out: string; readonly err: string };

/** What a program said and how it ended; rejects when it cannot be started or hangs. */
export async function run(
  command: string,
  args: readonly string[],
  cwd = process.cwd(),
): Promise<Ran> {
  const limits = { timeout: RUN_MAX_MS, maxBuffer: OUTPUT_MAX_BYTES, cwd };
  return new Promise((done, fail) => {
    execFile(command, [...args], limits, (error, out, err) => {
      const status = error ? error.code : 0;
      if (typeof status === 'number') done({ status, out, err });
      else fail(new Error(`${command} did not end by itself: ${err}`, { cause: error }));
    });
  });
}

/** What verify.py answers as JSON. */
export type PythonVerdict = {
  readonly ok: boolean;
  readonly size: number;
  readonly checked: number;
  readonly faultCount: number;
  readonly faults: readonly Fault[];
  readonly cosigners?: readonly string[];
  readonly times: readonly { readonly at: string; readonly trusted: boolean }[];
  readonly notProved: readonly string[];
};

/** The verdict of verify.py; its exit status must fit it. */
export async function verifiedByPython(args: readonly string[]): Promise<PythonVerdict> {
  const { status, out, err } = await run('python3', [VERIFIER, ...args, '--json']);
  if (status > 1) throw new Error(`verify.py ended with ${status}: ${err}`);
  // The cast says what verify.py writes; the tests fail where it does not.
  const verdict = JSON.parse(out) as PythonVerdict;
  if (verdict.ok !== (status === 0)) throw new Error(`status ${status} beside ${out}`);
  return verdict;
}

/** Whether this machine has what verify.py needs. */
export function pythonOffer(): Offer {
  const isThere = [
    ['python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))'],
    ['openssl', 'version'],
  ].every(([command = '', ...args]) => succeeds(command, args));
  return isThere ? { offered: true } : { missing: 'python3 of 3.9 or later, or openssl' };
}

export function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: RUN_MAX_MS });
    return true;
  } catch {
    // Why it failed is of no matter: what is missing is said by who asked.
    return false;
  }
}

/** A folder of files for programs that read files; made by `naive_ledger.py`, or written by tests. */
export class VerifiersGround {
  readonly directory = mkdtempSync(join(tmpdir(), 'redress-verifiers-'));
  #server: Server | undefined;

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** Ledger, packs, receipts and policies of {@link NAIVE} under `naive/`. */
  makeNaive(events: number): void {
    execFileSync('python3', [NAIVE, this.path('naive'), String(events)]);
  }

  write(name: string, content: string | Uint8Array): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** The files of a ledger, as a folder. */
  writeLedger(name: string, ledger: MemoryLedger): string {
    for (const [path, bytes] of ledger.files) this.write(`${name}/${path}`, bytes);
    return this.path(name);
  }

  policyFor(signer: SignerKey): string {
    return this.write('policy', `log ${formatVerifierKey(verifierKeyOf(signer))}\nquorum none\n`);
  }

  /** A copy of a folder with one of its files changed; the copy's path. */
  copyWith(folder: string, file: string, change: (bytes: Buffer) => Uint8Array): string {
    const copy = mkdtempSync(this.path('copy-'));
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
    return copy;
  }

  /** Serves this folder on a free port, entries only to who sends the token; its address. */
  async serve(token?: string): Promise<string> {
    const server = createServer((request, response) => {
      const name = new URL(request.url ?? '/', 'http://here').pathname;
      const isOpen = token === undefined || !name.includes('/entries/');
      if (!isOpen && request.headers.authorization !== `Bearer ${token}`) {
        response.writeHead(401).end();
        return;
      }
      try {
        response.end(readFileSync(this.path(name)));
      } catch {
        // Whatever cannot be read is not there, as any file server has it.
        response.writeHead(404).end();
      }
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    // The cast holds for every server that listens on a port.
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async remove(): Promise<void> {
    const server = this.#server;
    if (server) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** One bit of one byte turned over. */
export function withBitFlipped(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 1;
  return flipped;
}
