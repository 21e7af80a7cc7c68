import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import { codeOf, folderUnavailable, writeDurably } from '../durable-files.js';
import { originHashOf } from './cosigned-checkpoint.js';
import { sealOf } from './sealed-text.js';

/**
 * What a log signed and the witness did not cosign. `fork`: two notes of one size with different
 * roots, which convict the log by themselves. `unproved`: no proof came that the larger tree extends
 * the smaller; that may be a fork, or a client that does not know how to prove.
 */
export type Misbehaviour = {
  readonly kind: 'fork' | 'unproved';
  readonly origin: string;
  /** The note that was cosigned last; undefined when there is none. */
  readonly cosigned: string | undefined;
  /** The note that was refused, with the log's signature. */
  readonly refused: string;
  readonly refusedSize: bigint;
};

const EVIDENCE = 'evidence';
/** Files kept for one log and kind. Anybody may send an unproved one, so that they have an end. */
const FILES_MAX = 100;

/**
 * Keeps the evidence as a file of the witness's folder, once for the same note.
 * @throws LedgerError when it cannot be written.
 */
export async function keepEvidence(folder: string, found: Misbehaviour): Promise<void> {
  const { kind, origin, cosigned, refused, refusedSize } = found;
  const evidence = join(folder, EVIDENCE, originHashOf(origin));
  const name = `${kind}-${refusedSize}-${sealOf(refused).slice(0, 16)}.json`;
  const names = (await namesIn(evidence)).filter((one) => one.startsWith(`${kind}-`));
  if (names.includes(name) || names.length >= FILES_MAX) return;
  const text = JSON.stringify({ kind, origin, cosigned, refused });
  await writeDurably([{ path: join(evidence, name), bytes: Buffer.from(`${text}\n`) }]);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw folderUnavailable(error);
  }
}
