import { hash } from 'node:crypto';

const NAMESPACE_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a UUID in lower case, as every stored id is written. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The name-based UUID of RFC 9562 §5.5: same namespace and name, same id. */
export function uuidV5(namespace: string, name: string): string {
  const input = Buffer.allocUnsafe(NAMESPACE_BYTES + Buffer.byteLength(name));
  input.write(namespace.replaceAll('-', ''), 'hex');
  input.write(name, NAMESPACE_BYTES);
  // One call that answers text costs half of a Hash object that answers a Buffer.
  return uuidFromHex(hash('sha1', input, 'hex'), 5);
}

/** A UUID version 4 made of 16 given random bytes, so that a seed can drive it. */
export function uuidV4(random: Uint8Array): string {
  return uuidFromHex(Buffer.from(random).toString('hex'), 4);
}

/** The first 32 digits with version and variant put in their places (RFC 9562 §4). */
function uuidFromHex(hex: string, version: number): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const third = `${version}${hex.slice(13, 16)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${third}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The id of the n-th event (from 0) that a command writes: a UUIDv5 of command id and ordinal, so
 * that the same command sent twice names the same events and the store can tell.
 */
export function eventIdOf(commandId: string, ordinal: number): string {
  return uuidV5(commandId, String(ordinal));
}

/** Lower-case hexadecimal SHA-256 of text (as UTF-8) or bytes. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
