import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';

const { Point } = ed25519;
const COORDINATE_SIZE_BYTES = 32;
const SIGNATURE_SIZE_BYTES = 64;

/** The 32-byte public key of a 32-byte seed (RFC 8032 §5.1.5). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The 64-byte signature of a message (RFC 8032 §5.1.6). */
export function ed25519Sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/**
 * Whether the signature is the key's over the message: RFC 8032 §5.1.7 without the cofactor, as
 * OpenSSL and Go do it. The key must have passed `checkPublicKey`. The library's own `verify`
 * multiplies by the cofactor, so a few made-up signatures would be good in the browser and bad in
 * Node; two verifiers that disagree are worse than either.
 */
export function ed25519Verify(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_SIZE_BYTES) return false;
  const commitment = signature.subarray(0, COORDINATE_SIZE_BYTES);
  const response = littleEndian(signature.subarray(COORDINATE_SIZE_BYTES));
  if (response >= Point.Fn.ORDER) return false;
  const challenge = littleEndian(sha512(joined(commitment, publicKey, message)));
  const key = Point.fromBytes(publicKey);
  const expected = Point.BASE.multiplyUnsafe(response).subtract(
    key.multiplyUnsafe(challenge % Point.Fn.ORDER),
  );
  return expected.toBytes().every((byte, at) => byte === commitment[at]);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
