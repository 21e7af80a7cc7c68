import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a UUID in lower case, as every stored id is written. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The name-based UUID of RFC 9562 §5.5: same namespace and name, same id. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  return uuidFromBytes(hash, 0x50);
}

/** A UUID version 4 made of 16 given random bytes, so that a seed can drive it. */
export function uuidV4(random: Uint8Array): string {
  return uuidFromBytes(Buffer.from(random.subarray(0, 16)), 0x40);
}

function uuidFromBytes(bytes: Buffer, version: number): string {
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | version;
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
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
  return createHash('sha256').update(content).digest('hex');
}
