import { fromBase64, toBase64 } from './base64.js';
import { hexOf, isKeyId, isKeyName } from './keys.js';
import { MerkleError } from './merkle-error.js';
import { hasControlCharacter, joinBytes, textOf } from './text.js';

/** Limits of a note; C2SP signed-note asks for at least 16 signatures, its Go original has these. */
export const NOTE_SIZE_MAX_BYTES = 1_000_000;
export const NOTE_SIGNATURES_MAX = 100;

export type NoteSignature = {
  readonly name: string;
  /** Eight lower-case hex digits. */
  readonly keyId: string;
  /** What follows the key id: for type 0x01 the 64 bytes, for type 0x04 the time before them. */
  readonly bytes: Uint8Array;
};

export type Note = {
  /** Ends in a newline, which is signed too. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

const SIGNATURE_PREFIX = '\u2014 ';
const KEY_ID_SIZE_BYTES = 4;

/**
 * Reads a signed note (C2SP signed-note, "Format") without verifying anything. Throws
 * `note.malformed` for whatever is not exactly the format.
 */
export function parseNote(input: string | Uint8Array): Note {
  if (input.length > NOTE_SIZE_MAX_BYTES) throw malformed('the note is too long');
  const whole = textOf(input, 'note.malformed');
  if (hasControlCharacter(whole)) throw malformed('the note holds a control character');
  const end = whole.lastIndexOf('\n\n');
  if (end < 0 || !whole.endsWith('\n')) throw malformed('the note has no signatures');
  const lines = whole.slice(end + 2, -1).split('\n');
  if (lines.length > NOTE_SIGNATURES_MAX) throw malformed('the note has too many signatures');
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseSignatureLine) };
}

/** The note as `parseNote` reads it. Throws `note.malformed` for what it would refuse. */
export function formatNote(note: Note): string {
  const text = `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
  const parsed = parseNote(text);
  if (parsed.text !== note.text) throw malformed('the text of a note ends in a newline');
  return text;
}

/** `— <name> <base64(key id ‖ signature)>` without its newline. Throws `note.malformed`. */
export function parseSignatureLine(line: string): NoteSignature {
  if (!line.startsWith(SIGNATURE_PREFIX)) throw malformed('a signature line has no dash');
  const [name = '', encoded = '', ...more] = line.slice(SIGNATURE_PREFIX.length).split(' ');
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || more.length > 0) throw malformed('a signature line has no name');
  if (bytes === undefined || bytes.length <= KEY_ID_SIZE_BYTES) {
    throw malformed('a signature is not in base 64');
  }
  return {
    name,
    keyId: hexOf(bytes.subarray(0, KEY_ID_SIZE_BYTES)),
    bytes: bytes.slice(KEY_ID_SIZE_BYTES),
  };
}

/** The line of a signature with its newline. Throws `note.malformed` for what no line can hold. */
export function formatSignatureLine({ name, keyId, bytes }: NoteSignature): string {
  if (!isKeyName(name) || !isKeyId(keyId) || bytes.length === 0) {
    throw malformed('a signature has a key name, a key id and bytes');
  }
  const id = Uint8Array.from({ length: KEY_ID_SIZE_BYTES }, (_, at) =>
    Number.parseInt(keyId.slice(2 * at, 2 * at + 2), 16),
  );
  return `${SIGNATURE_PREFIX}${name} ${toBase64(joinBytes(id, bytes))}\n`;
}

function malformed(message: string): MerkleError {
  return new MerkleError('note.malformed', message);
}
