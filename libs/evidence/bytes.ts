// What Node's Buffer would do, for browsers too.

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
/** What stands in decoded text for bytes that are no UTF-8, and for itself. */
const REPLACEMENT = '\ufffd';

export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** The text of well-formed UTF-8, byte order mark and all; undefined when it is not well-formed. */
export function maybeTextOf(bytes: Uint8Array): string | undefined {
  const text = DECODER.decode(bytes);
  return text.includes(REPLACEMENT) && !equalBytes(utf8(text), bytes) ? undefined : text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL = `${BASE64.slice(0, 62)}-_`;

/** RFC 4648 §4, with padding. */
export function base64Of(bytes: Uint8Array): string {
  return sextets(bytes, BASE64).padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}

/** RFC 4648 §5, without padding. */
export function base64urlOf(bytes: Uint8Array): string {
  return sextets(bytes, BASE64URL);
}

function sextets(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = Math.min(bytes.length - at, 3);
    const triple = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let sextet = 0; sextet <= left; sextet += 1) {
      text += alphabet[(triple >> (18 - 6 * sextet)) & 63] ?? '';
    }
  }
  return text;
}

/** The bytes of canonical base64 (RFC 4648 §4); undefined for any other text. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    return undefined;
  }
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  // Bits beyond the last byte must be zero, or two texts would say the same.
  return base64Of(bytes) === text ? bytes : undefined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return firstDifference(a, b) === undefined;
}

/** Offset of the first byte in which they differ, or where the shorter one ends. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  let at = length < WORDS_FROM_BYTES ? 0 : sameWords(a, b, length) * WORD_SIZE_BYTES;
  for (; at < length; at += 1) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : length;
}

const WORD_SIZE_BYTES = 4;
/** From here on comparing by words is worth the views that it takes. */
const WORDS_FROM_BYTES = 256;

/** How many words of both are the same before the first that is not: a word costs no more than a byte. */
function sameWords(a: Uint8Array, b: Uint8Array, length: number): number {
  const left = new DataView(a.buffer, a.byteOffset, length);
  const right = new DataView(b.buffer, b.byteOffset, length);
  const count = Math.floor(length / WORD_SIZE_BYTES);
  let word = 0;
  for (; word < count; word += 1) {
    const offset = word * WORD_SIZE_BYTES;
    if (left.getInt32(offset) !== right.getInt32(offset)) break;
  }
  return word;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
