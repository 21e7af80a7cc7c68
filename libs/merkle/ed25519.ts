import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** What RFC 8410 puts before the 32 bytes of an Ed25519 public key (SubjectPublicKeyInfo). */
const PUBLIC_KEY_PREFIX = Uint8Array.from([
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
]);
/** What RFC 8410 puts before the 32 bytes of a seed (PKCS #8). */
const SEED_PREFIX = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);
const SIGNATURE_SIZE_BYTES = 64;

/** The 32-byte public key of a 32-byte seed (RFC 8032 §5.1.5). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(spki.subarray(PUBLIC_KEY_PREFIX.length));
}

/** The 64-byte signature of a message (RFC 8032 §5.1.6). */
export function ed25519Sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKeyOf(seed)));
}

/**
 * Whether the signature is the key's over the message: RFC 8032 §5.1.7 without the cofactor, as
 * OpenSSL and Go do it. The key must have passed `checkPublicKey`.
 */
export function ed25519Verify(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_SIZE_BYTES) return false;
  const key = createPublicKey({
    key: Buffer.concat([PUBLIC_KEY_PREFIX, publicKey]),
    format: 'der',
    type: 'spki',
  });
  return verify(null, message, key, signature);
}

/** Made once for each seed: importing a key takes longer than signing with it. */
const PRIVATE_KEYS = new WeakMap<Uint8Array, KeyObject>();

function privateKeyOf(seed: Uint8Array): KeyObject {
  const known = PRIVATE_KEYS.get(seed);
  if (known) return known;
  const key = createPrivateKey({
    key: Buffer.concat([SEED_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  PRIVATE_KEYS.set(seed, key);
  return key;
}
