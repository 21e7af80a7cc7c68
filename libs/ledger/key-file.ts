import { readFile, stat } from 'node:fs/promises';
import {
  formatSignerKey,
  MerkleError,
  newSignerKey,
  parseSignerKey,
  type SignerKey,
} from '#merkle';
import type { Randomness } from '#kernel';
import { codeOf, folderUnavailable, makeSecretDurably } from './durable-files.js';
import { LedgerError } from './ledger-error.js';

const SEED_SIZE_BYTES = 32;
const OTHERS_MASK = 0o077;

/**
 * The key that signs, in the format of golang.org/x/mod/sumdb/note: one line; undefined when there
 * is no file.
 * @throws LedgerError `ledger.key-unusable`, `ledger.folder-unavailable`
 */
export async function readKeyFile(path: string, origin: string): Promise<SignerKey | undefined> {
  let line: string;
  try {
    const { mode } = await stat(path);
    if ((mode & OTHERS_MASK) !== 0) {
      const shown = (mode & 0o777).toString(8);
      throw unusable(
        `others may read it (mode ${shown}): give it mode 600, and think of who may have a copy`,
      );
    }
    line = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw folderUnavailable(error);
  }
  const key = parsed(line.trim());
  if (key.name !== origin)
    throw unusable(`it is the key of ${key.name}, and this log is ${origin}`);
  return key;
}

/**
 * Makes the key of a log, once; the file is the owner's alone and survives a power cut. Of two who
 * make it at once, both answer the same.
 * @throws LedgerError `ledger.key-unusable`, `ledger.folder-unavailable`
 */
export async function makeKeyFile(
  path: string,
  origin: string,
  randomness: Randomness,
): Promise<SignerKey> {
  const key = newSignerKey(origin, randomness.bytes(SEED_SIZE_BYTES));
  const bytes = Buffer.from(`${formatSignerKey(key)}\n`);
  if ((await makeSecretDurably({ path, bytes })) === 'made') return key;
  const other = await readKeyFile(path, origin);
  if (!other) throw unusable('it was there, and is gone');
  return other;
}

/** What is wrong with the rights of a key file, in words; undefined when nothing is, or it is absent. */
export async function keyFileProblem(path: string, origin: string): Promise<string | undefined> {
  try {
    await readKeyFile(path, origin);
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error.message;
    throw error;
  }
}

function parsed(line: string): SignerKey {
  try {
    return parseSignerKey(line);
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    // Not its message: what is in that file is nobody's business.
    throw unusable('it holds no key');
  }
}

function unusable(problem: string): LedgerError {
  return new LedgerError('ledger.key-unusable', `the key file of the ledger: ${problem}`);
}
