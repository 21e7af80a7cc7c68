import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EntryBundle, formatVerifierKey } from '#merkle';
import { figure, median, type Benchmark, type Figure } from './figure.js';
import { writeLedgerFolder } from './ledger-folder-of.js';

const CHILD = fileURLToPath(new URL('./verify.child.js', import.meta.url));
const ROUNDS = 3;
/** What the ledger's rule allows a verifier of a million events. */
const MEMORY_MAX_MB = 200;

type Measured = {
  readonly ok: boolean;
  readonly checked: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryMaxMb: number;
};

function verifyOnce(directory: string, vkey: string): Measured {
  const printed = execFileSync(process.execPath, [CHILD, directory, vkey], { encoding: 'utf8' });
  return JSON.parse(printed) as Measured;
}

/**
 * Entries a second by SHA-256 alone, in the fastest way that Node has: one hash of each entry behind
 * one byte, where it lies, and one of 65 bytes for each node. Processor time, as the machine may be shared.
 */
function hashOnce(directory: string): number {
  const node = new Uint8Array(65);
  let hashes = 0;
  let cpuSeconds = 0;
  for (const file of bundleFiles(join(directory, 'tile', 'entries'))) {
    const bundle = EntryBundle.decode(readFileSync(file));
    const cpuAtStart = process.cpuUsage();
    for (let at = 0; at < bundle.width; at += 1) {
      hash('sha256', bundle.bytes.subarray(bundle.start(at) - 1, bundle.end(at)), 'binary');
      hash('sha256', node, 'binary');
    }
    const { user, system } = process.cpuUsage(cpuAtStart);
    cpuSeconds += (user + system) / 1e6;
    hashes += bundle.width;
  }
  return hashes / cpuSeconds;
}

function bundleFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name));
}

async function run({
  directory,
  million,
  say,
}: Parameters<Benchmark['run']>[0]): Promise<readonly Figure[]> {
  const startedAtMs = performance.now();
  const vkey = formatVerifierKey(writeLedgerFolder(directory, million));
  say(`a ledger of ${million} events made in ${Math.round(performance.now() - startedAtMs)} ms`);
  const verified: Measured[] = [];
  const hashed: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    verified.push(verifyOnce(directory, vkey));
    hashed.push(hashOnce(directory));
  }
  const wrong = verified.find(({ ok, checked }) => !ok || checked !== million);
  if (wrong) throw new Error(`the verifier found ${JSON.stringify(wrong)}`);
  const bare = { name: 'bare SHA-256 of the same bytes', value: median(hashed) };
  const seconds = median(verified.map((one) => one.seconds));
  const cpuSeconds = median(verified.map((one) => one.cpuSeconds));
  const memory = median(verified.map(({ memoryMaxMb }) => memoryMaxMb));
  return [
    figure('verify', million / seconds, 'events/s', bare),
    figure('verify/processor', million / cpuSeconds, 'events/s of one core', bare),
    figure('verify/memory', memory, 'MB at most', { name: 'allowed', value: MEMORY_MAX_MB }),
  ];
}

export const verifyBenchmark: Benchmark = {
  name: 'verify',
  about: 'verifies a ledger of a million events from disk, by bare SHA-256 of the same bytes',
  run,
};
