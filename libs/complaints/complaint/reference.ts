import { sha256Hex, uuidV5 } from '#kernel';
import { COMPLAINT_STREAM_KIND } from './complaint.events.js';

/** Crockford's base32: no I, L, O, U. https://www.crockford.com/base32.html */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const DIGITS = 8;
/** Crockford's check is the value modulo 37, a prime, so that it finds every single wrong or
 * swapped character. Its symbols 32 to 36 (`*~$=U`) cannot be said on the phone: references whose
 * check would be one of them are never issued. */
const CHECK_MODULUS = 37;
const STREAM_NAMESPACE = '6e1f0f0e-3c0b-5d0a-9d6c-0f5f6a2b7c11';
const REFERENCE = /^C-\d{2}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]$/;

/** How often a reference that is taken is replaced by the next one before giving up. */
export const REFERENCE_ATTEMPTS_MAX = 8;

/**
 * The reference of the complaint that a command lodges: year, eight characters, check character,
 * e.g. `C-26-7F3K-9QXM-Q`. Made from the command's id, so that the same command names the same
 * complaint; `attempt` (from 0) leads to others when a reference is taken.
 */
export function referenceOf(commandId: string, year: number, attempt: number): string {
  for (let draw = 0; ; draw += 1) {
    const hash = sha256Hex(`${commandId}/${attempt}/${draw}`);
    // Five bytes are eight characters of five bits; with the year before them still a safe integer.
    const value = Number.parseInt(hash.slice(0, 10), 16);
    const check = checkOf(year % 100, value);
    if (check < ALPHABET.length) return format(year % 100, value, check);
  }
}

/**
 * Reads a reference back as a person gives it: any case, with or without dashes and spaces, O for
 * 0, I or L for 1. Undefined when it is none or its check character is wrong.
 */
export function parseReference(text: string): string | undefined {
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '');
  if (!plain.startsWith('C')) return undefined;
  const folded = plain.slice(1).replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const match = /^(\d{2})([0-9A-HJKMNP-TV-Z]{8})([0-9A-HJKMNP-TV-Z])$/.exec(folded);
  if (!match) return undefined;
  const [, yearText = '', digits = '', check = ''] = match;
  const value = [...digits].reduce((sum, c) => sum * ALPHABET.length + ALPHABET.indexOf(c), 0);
  const year = Number(yearText);
  if (checkOf(year, value) !== ALPHABET.indexOf(check)) return undefined;
  return format(year, value, ALPHABET.indexOf(check));
}

/** True for a reference in the one written form, check character unchecked. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** The stream of a complaint: a UUIDv5 of its reference in written form. */
export function streamOfReference(reference: string): string {
  return `${COMPLAINT_STREAM_KIND}-${uuidV5(STREAM_NAMESPACE, reference)}`;
}

function checkOf(year: number, value: number): number {
  return (year * ALPHABET.length ** DIGITS + value) % CHECK_MODULUS;
}

function format(year: number, value: number, check: number): string {
  let digits = '';
  for (let rest = value, i = 0; i < DIGITS; i += 1, rest = Math.floor(rest / ALPHABET.length)) {
    digits = `${ALPHABET.charAt(rest % ALPHABET.length)}${digits}`;
  }
  const yearText = String(year).padStart(2, '0');
  return `C-${yearText}-${digits.slice(0, 4)}-${digits.slice(4)}-${ALPHABET.charAt(check)}`;
}
