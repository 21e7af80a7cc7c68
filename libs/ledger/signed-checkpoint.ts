import {
  MerkleError,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type Hash,
  type VerifierKey,
} from '#merkle';
import { LedgerError } from './ledger-error.js';

/** A checkpoint with the note that carries its signatures. */
export type SignedCheckpoint = {
  /** C2SP signed note: text, empty line, signature lines. */
  readonly note: string;
  readonly origin: string;
  readonly size: bigint;
  readonly root: Hash;
};

/** Where a checkpoint of ours was kept; for messages. */
export type CheckpointPlace =
  'mark' | 'folder' | 'outside' | 'day file' | 'cosigned file' | 'time note';

/**
 * Opens a checkpoint that this log signed, and nobody else.
 * @throws LedgerError `ledger.key-changed` when another key of this name signed it,
 * `ledger.checkpoint-malformed` when nothing of ours did.
 */
export function openOwnCheckpoint(
  note: string,
  key: VerifierKey,
  place: CheckpointPlace,
): SignedCheckpoint {
  try {
    const { checkpoint } = openCheckpoint(note, [key]);
    if (checkpoint.origin !== key.name) {
      throw new LedgerError(
        'ledger.checkpoint-malformed',
        `the checkpoint of the ${place} is of ${checkpoint.origin}, not of ${key.name}`,
      );
    }
    return { note, ...checkpoint };
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    throw refusal(note, key, { place, cause });
  }
}

function refusal(
  note: string,
  { name, keyId }: VerifierKey,
  { place, cause }: { readonly place: CheckpointPlace; readonly cause: MerkleError },
): LedgerError {
  if (cause.code === 'note.unsigned') {
    const others = parseNote(note).signatures.filter((one) => one.name === name);
    if (others.length > 0) {
      return new LedgerError(
        'ledger.key-changed',
        `the checkpoint of the ${place} was signed with key ${others.map((one) => one.keyId).join(', ')}` +
          `, and the key at hand is ${keyId}: put the key back that signed it, and start again`,
        { cause },
      );
    }
  }
  return new LedgerError(
    'ledger.checkpoint-malformed',
    `the checkpoint of the ${place} is none that ${name} signed: ${cause.message}`,
    { cause },
  );
}

/** The text of a note as a checkpoint, its signatures unseen. @throws MerkleError */
export function readCheckpoint(note: string): SignedCheckpoint {
  return { note, ...parseCheckpoint(parseNote(note).text) };
}
