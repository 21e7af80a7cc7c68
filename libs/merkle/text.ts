import type { MerkleErrorCode } from './merkle-error.js';
import { MerkleError } from './merkle-error.js';

/** The largest size and index of a tree: an unsigned 64-bit integer (RFC 9162 §4.10). */
export const UINT64_MAX = 2n ** 64n - 1n;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of bytes that must be UTF-8; a string is taken when UTF-8 can hold it. */
export function textOf(input: Uint8Array | string, code: MerkleErrorCode): string {
  if (typeof input === 'string') {
    if (input.isWellFormed()) return input;
    throw new MerkleError(code, 'the text holds half of a surrogate pair');
  }
  try {
    return decoder.decode(input);
  } catch (cause) {
    throw new MerkleError(code, 'the bytes are not UTF-8', { cause });
  }
}

/** A decimal of at most 64 bits without sign or leading zeros, or undefined. */
export function decimalOf(text: string): bigint | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = BigInt(text);
  return value <= UINT64_MAX ? value : undefined;
}

/** Control characters below U+0020 but for newline (C2SP signed-note, "Format"). */
// oxlint-disable-next-line no-control-regex -- they are what is looked for.
const CONTROL_CHARACTER = /[\u0000-\u0009\u000b-\u001f]/;

export function hasControlCharacter(text: string): boolean {
  return CONTROL_CHARACTER.test(text);
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
