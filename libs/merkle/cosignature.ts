import { parseCheckpoint } from './checkpoint.js';
import { ed25519Sign, ed25519Verify } from './ed25519.js';
import type { SignerKey, VerifierKey } from './keys.js';
import { SIGNATURE_TYPES } from './keys.js';
import { MerkleError } from './merkle-error.js';
import type { NoteSignature } from './note.js';
import { formatSignatureLine } from './note.js';
import { joinBytes, utf8 } from './text.js';

/** The latest time that a cosignature may carry: 2^63 − 1 (C2SP tlog-cosignature, "Format"). */
const UNIX_SECONDS_MAX = 2n ** 63n - 1n;
const TIME_SIZE_BYTES = 8;

/**
 * The signature line, newline included, by which a witness says: this is the largest consistent
 * tree that I have seen of this log at this time (C2SP tlog-cosignature, "Ed25519 signed message").
 * Throws `checkpoint.malformed`, `key.unsupported` for a signer not of type 0x04, and
 * `cosignature.malformed` for a time that the format cannot hold.
 */
export function cosign(checkpointText: string, signer: SignerKey, unixSeconds: bigint): string {
  parseCheckpoint(checkpointText);
  if (signer.type !== SIGNATURE_TYPES.cosignature) {
    throw new MerkleError('key.unsupported', 'a witness signs with a key of type 0x04');
  }
  if (unixSeconds < 0n || unixSeconds > UNIX_SECONDS_MAX) {
    throw new MerkleError('cosignature.malformed', `no cosignature has the time ${unixSeconds}`);
  }
  const signature = ed25519Sign(messageOf(checkpointText, unixSeconds), signer.seed);
  const time = new Uint8Array(TIME_SIZE_BYTES);
  new DataView(time.buffer).setBigUint64(0, unixSeconds);
  const bytes = joinBytes(time, signature);
  return formatSignatureLine({ name: signer.name, keyId: signer.keyId, bytes });
}

/**
 * The time in Unix seconds at which the key cosigned the text, or undefined where the signature
 * is not that key's over that text.
 */
export function verifyCosignature(
  checkpointText: string,
  signature: NoteSignature,
  key: VerifierKey,
): bigint | undefined {
  const { name, keyId, bytes } = signature;
  if (key.type !== SIGNATURE_TYPES.cosignature) return undefined;
  if (key.name !== name || key.keyId !== keyId || bytes.length < TIME_SIZE_BYTES) return undefined;
  const time = new DataView(bytes.buffer, bytes.byteOffset, TIME_SIZE_BYTES).getBigUint64(0);
  if (time > UNIX_SECONDS_MAX) return undefined;
  const message = messageOf(checkpointText, time);
  return ed25519Verify(message, bytes.subarray(TIME_SIZE_BYTES), key.publicKey) ? time : undefined;
}

function messageOf(checkpointText: string, unixSeconds: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${unixSeconds}\n${checkpointText}`);
}
