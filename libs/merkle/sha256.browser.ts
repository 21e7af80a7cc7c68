import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** A SHA-256 digest as this twin passes it on; see sha256.ts. */
export type Digest = Uint8Array;

/** SHA-256 (FIPS 180-4) over the bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return nobleSha256(bytes);
}

/** Writes the 32 bytes of a digest into the target. */
export function writeDigest(from: Digest, target: Uint8Array, offset: number): void {
  target.set(from, offset);
}

/** Writes digests one after another into the target. */
export function writeDigests(from: readonly Digest[], target: Uint8Array, offset: number): void {
  for (const [at, digest] of from.entries()) target.set(digest, offset + at * digest.length);
}

/** SHA-256 (FIPS 180-4) over bytes, or a text in UTF-8, in lower-case hexadecimal. */
export function sha256Hex(content: Uint8Array | string): string {
  return bytesToHex(nobleSha256(typeof content === 'string' ? utf8ToBytes(content) : content));
}

/** SHA-256 (FIPS 180-4) over the bytes, as 32 bytes of its own. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}
