import { fromBase64, toBase64 } from './base64.js';
import type { Hash } from './hashing.js';
import { HASH_SIZE_BYTES } from './hashing.js';
import { MerkleError } from './merkle-error.js';
import { decimalOf, hasControlCharacter, textOf } from './text.js';

/** The text of a tree head (C2SP tlog-checkpoint, "Note text"). */
export type Checkpoint = {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Hash;
  /** Lines that no monitor can audit; C2SP advises against them. */
  readonly extensions: readonly string[];
};

/**
 * Reads the text of a note as a checkpoint. Throws `checkpoint.malformed` for whatever is not
 * exactly the format.
 */
export function parseCheckpoint(noteText: string): Checkpoint {
  const text = textOf(noteText, 'checkpoint.malformed');
  if (hasControlCharacter(text)) throw malformed('holds a control character');
  if (!text.endsWith('\n')) throw malformed('does not end in a newline');
  const lines = text.slice(0, -1).split('\n');
  if (lines.includes('')) throw malformed('holds an empty line');
  const [origin, sizeLine, rootLine, ...extensions] = lines;
  if (origin === undefined || sizeLine === undefined || rootLine === undefined) {
    throw malformed('has fewer than three lines');
  }
  const size = decimalOf(sizeLine);
  if (size === undefined) throw malformed('has no size on its second line');
  const root = fromBase64(rootLine);
  if (root?.length !== HASH_SIZE_BYTES) throw malformed('has no root hash on its third line');
  return { origin, size, root, extensions };
}

/** The text of the checkpoint. Throws `checkpoint.malformed` for what no text can hold. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const lines = [origin, size.toString(), toBase64(root), ...extensions];
  if (lines.some((line) => line.includes('\n'))) throw malformed('has a newline within a line');
  const text = `${lines.join('\n')}\n`;
  parseCheckpoint(text);
  return text;
}

function malformed(message: string): MerkleError {
  return new MerkleError('checkpoint.malformed', `the checkpoint ${message}`);
}
