import { fromBase64, toBase64 } from './base64.js';
import { ed25519PublicKey } from './ed25519.js';
import { MerkleError } from './merkle-error.js';
import { checkPublicKey } from './public-key.js';
import { sha256 } from './sha256.js';
import { joinBytes, textOf, utf8 } from './text.js';

/** The signature types of C2SP signed-note that this room knows. */
export const SIGNATURE_TYPES = {
  /** Ed25519 over the text of the note. */
  ed25519: 0x01,
  /** Timestamped Ed25519 cosignature of a checkpoint (C2SP tlog-cosignature). */
  cosignature: 0x04,
} as const;

export type SignatureType = (typeof SIGNATURE_TYPES)[keyof typeof SIGNATURE_TYPES];

export type VerifierKey = {
  readonly name: string;
  /** The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key) as eight lower-case hex digits. */
  readonly keyId: string;
  readonly type: SignatureType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
};

/** A key that signs. Whoever logs or shows one has given it away. */
export type SignerKey = VerifierKey & {
  /** 32 bytes. */
  readonly seed: Uint8Array;
};

const SEED_SIZE_BYTES = 32;
const KEY_ID_SIZE_BYTES = 4;
const KEY_SIZE_MAX_CHARACTERS = 4_096;
const SIGNER_PREFIX = 'PRIVATE+KEY+';
const FORBIDDEN_IN_NAME = /[\p{White_Space}+]/u;
const KEY_ID = /^[0-9a-f]{8}$/;

/** Whether a key may have the name (C2SP signed-note, "Format"). */
export function isKeyName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is refused.
  return name !== '' && !FORBIDDEN_IN_NAME.test(name) && !/[\u0000-\u001f]/.test(name);
}

/** Whether these are the eight lower-case hex digits of a key id. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/**
 * Reads `<name>+<key id>+<base64(type ‖ key)>` (C2SP signed-note, "Verifier keys"). Throws
 * `key.malformed`, `key.unsupported` for types other than 0x01 and 0x04, and `key.low-order` or
 * `key.non-canonical` for points that no honest signer uses.
 */
export function parseVerifierKey(vkey: string): VerifierKey {
  const { name, keyId, type, material } = partsOf(vkey);
  checkPublicKey(material);
  return withMatchingId({ name, keyId, type, publicKey: material });
}

/** The vkey of a key. */
export function formatVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${toBase64(joinBytes(Uint8Array.of(type), publicKey))}`;
}

/** Reads `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ seed)>` of golang.org/x/mod/sumdb/note. */
export function parseSignerKey(skey: string): SignerKey {
  if (!skey.startsWith(SIGNER_PREFIX)) throw malformed('a signer key begins with PRIVATE+KEY+');
  const { name, keyId, type, material: seed } = partsOf(skey.slice(SIGNER_PREFIX.length));
  if (seed.length !== SEED_SIZE_BYTES) throw malformed('a seed has 32 bytes');
  return { ...withMatchingId({ name, keyId, type, publicKey: ed25519PublicKey(seed) }), seed };
}

/** The line that `parseSignerKey` reads; for the key's own file and nothing else. */
export function formatSignerKey({ name, keyId, type, seed }: SignerKey): string {
  return `${SIGNER_PREFIX}${name}+${keyId}+${toBase64(joinBytes(Uint8Array.of(type), seed))}`;
}

/** The key of a name and 32 bytes of secret randomness. Throws `key.malformed`. */
export function newSignerKey(
  name: string,
  seed: Uint8Array,
  type: SignatureType = SIGNATURE_TYPES.ed25519,
): SignerKey {
  if (!isKeyName(textOf(name, 'key.malformed'))) throw malformed('this cannot be a key name');
  if (seed.length !== SEED_SIZE_BYTES) throw malformed('a seed has 32 bytes');
  const publicKey = ed25519PublicKey(seed);
  return { name, keyId: keyIdOf({ name, type, publicKey }), type, publicKey, seed: seed.slice() };
}

/** What may be shown of a signer's key. */
export function verifierKeyOf({ name, keyId, type, publicKey }: SignerKey): VerifierKey {
  return { name, keyId, type, publicKey };
}

type KeyParts = {
  readonly name: string;
  readonly keyId: string;
  readonly type: SignatureType;
  readonly material: Uint8Array;
};

function partsOf(text: string): KeyParts {
  if (text.length > KEY_SIZE_MAX_CHARACTERS) throw malformed('the key is too long');
  const nameEnd = text.indexOf('+');
  const keyIdEnd = text.indexOf('+', nameEnd + 1);
  if (nameEnd < 0 || keyIdEnd < 0) throw malformed('a key has three parts, joined by +');
  const name = textOf(text.slice(0, nameEnd), 'key.malformed');
  const keyId = text.slice(nameEnd + 1, keyIdEnd);
  const bytes = fromBase64(text.slice(keyIdEnd + 1));
  if (!isKeyName(name)) throw malformed('the name of the key is none');
  if (!isKeyId(keyId)) throw malformed('the key id is not eight lower-case hex digits');
  if (bytes === undefined || bytes.length === 0) throw malformed('the key is not in base 64');
  return { name, keyId, type: signatureTypeOf(bytes), material: bytes.slice(1) };
}

function signatureTypeOf(bytes: Uint8Array): SignatureType {
  const type = Object.values(SIGNATURE_TYPES).find((known) => known === bytes[0]);
  if (type === undefined) {
    throw new MerkleError('key.unsupported', `signature type ${bytes[0]} is not supported`);
  }
  return type;
}

function withMatchingId(key: VerifierKey): VerifierKey {
  if (keyIdOf(key) !== key.keyId) throw malformed('the key id is not that of the name and key');
  return key;
}

function keyIdOf({ name, type, publicKey }: Omit<VerifierKey, 'keyId'>): string {
  const digest = sha256(joinBytes(utf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return hexOf(digest.subarray(0, KEY_ID_SIZE_BYTES));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function malformed(message: string): MerkleError {
  return new MerkleError('key.malformed', message);
}
