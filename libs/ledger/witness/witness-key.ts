import { readFile, stat } from 'node:fs/promises';
import type { Randomness } from '#kernel';
import {
  formatSignerKey,
  MerkleError,
  newSignerKey,
  parseSignerKey,
  SIGNATURE_TYPES,
  type SignerKey,
} from '#merkle';
import { codeOf, makeSecretDurably } from '../durable-files.js';
import { WitnessKeyRefused } from './witness-errors.js';

const SEED_SIZE_BYTES = 32;
const OTHERS_MAY = 0o077;

/**
 * The witness's own key from its file: one line `PRIVATE+KEY+<name>+<key id>+<base64(0x04 ‖ seed)>`.
 * Undefined when there is no such file.
 *
 * @throws WitnessKeyRefused when the file holds something else, a key of another name, or may be
 *   read by others.
 */
export async function readWitnessKey(file: string, name: string): Promise<SignerKey | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new WitnessKeyRefused(`the key's file cannot be read (${codeOf(error)})`, {
      cause: error,
    });
  });
  if (text === undefined) return undefined;
  const key = parsed(text);
  if (key.type !== SIGNATURE_TYPES.cosignature) {
    throw new WitnessKeyRefused('the key is none of a witness: its type is not 0x04');
  }
  if (key.name !== name) {
    throw new WitnessKeyRefused(`the key is called ${key.name}, the witness ${name}`);
  }
  const { mode } = await stat(file);
  if ((mode & OTHERS_MAY) !== 0) {
    throw new WitnessKeyRefused(
      'others may read the key: give its file mode 0600, or make a new one',
    );
  }
  return key;
}

/**
 * Makes the witness's key at its first start. On the disk, mode 0600, when this resolves.
 * @throws WitnessKeyRefused when no key can be called so.
 */
export async function makeWitnessKey(
  file: string,
  { name, randomness }: { readonly name: string; readonly randomness: Randomness },
): Promise<SignerKey> {
  const key = named(name, randomness.bytes(SEED_SIZE_BYTES));
  await makeSecretDurably({ path: file, bytes: Buffer.from(`${formatSignerKey(key)}\n`) });
  return key;
}

function named(name: string, seed: Uint8Array): SignerKey {
  try {
    return newSignerKey(name, seed, SIGNATURE_TYPES.cosignature);
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    const rule = 'a name has no white space and no "+"; best is an address without scheme';
    throw new WitnessKeyRefused(`no witness can be called so: ${rule}`, { cause });
  }
}

function parsed(text: string): SignerKey {
  try {
    return parseSignerKey(text.replace(/\n$/, ''));
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    // The cause's message names no part of the key.
    throw new WitnessKeyRefused(`the file holds no key: ${cause.message}`, { cause });
  }
}
