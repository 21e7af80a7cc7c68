import { hash } from 'node:crypto';

declare const digest: unique symbol;

/**
 * A SHA-256 digest in the form that costs least on the way from one hash to the next. Node hands
 * out a string of 32 one-byte characters several times faster than a Buffer. Opaque to all but
 * this file: the browser's twin has another form.
 */
export type Digest = string & { readonly [digest]: never };

const DIGEST_SIZE_BYTES = 32;

/** SHA-256 (FIPS 180-4) over the bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  // The cast marks the string as a digest; nothing else makes one.
  return hash('sha256', bytes, 'binary') as Digest;
}

/** Writes the 32 bytes of a digest into the target. */
export function writeDigest(from: Digest, target: Uint8Array, offset: number): void {
  for (let at = 0; at < DIGEST_SIZE_BYTES; at += 1) target[offset + at] = from.charCodeAt(at);
}

/** Writes digests one after another into the target. */
export function writeDigests(from: readonly Digest[], target: Uint8Array, offset: number): void {
  // One text of all is written at once; a digest alone would take as long as ten of these.
  const bytes = Buffer.from(target.buffer, target.byteOffset, target.length);
  bytes.write(from.join(''), offset, 'latin1');
}

/** SHA-256 (FIPS 180-4) over bytes, or a text in UTF-8, in lower-case hexadecimal. */
export function sha256Hex(content: Uint8Array | string): string {
  return hash('sha256', content, 'hex');
}

/** SHA-256 (FIPS 180-4) over the bytes, as 32 bytes of its own. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(DIGEST_SIZE_BYTES);
  writeDigest(digestOf(bytes), result, 0);
  return result;
}
