import { createHash } from 'node:crypto';

const SEAL_LENGTH = 64;

/** A text behind a line with its SHA-256, so that any byte that changes is found when it is read. */
export function sealed(text: string): string {
  return `${sealOf(text)}\n${text}`;
}

/** The text that was sealed, or undefined when it is not as it was. */
export function unsealed(whole: string): string | undefined {
  const text = whole.slice(SEAL_LENGTH + 1);
  return whole === sealed(text) ? text : undefined;
}

/** SHA-256 of UTF-8 text, in lower-case hex. */
export function sealOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
