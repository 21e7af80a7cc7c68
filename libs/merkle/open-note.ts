import type { Checkpoint } from './checkpoint.js';
import { parseCheckpoint } from './checkpoint.js';
import { verifyCosignature } from './cosignature.js';
import { ed25519Sign, ed25519Verify } from './ed25519.js';
import type { SignerKey, VerifierKey } from './keys.js';
import { SIGNATURE_TYPES } from './keys.js';
import { MerkleError } from './merkle-error.js';
import type { NoteSignature } from './note.js';
import { formatNote, parseNote, parseSignatureLine } from './note.js';
import { equalBytes, utf8 } from './text.js';

/** A cosignature that verified, and when its witness says to have made it. */
export type Cosigned = { readonly key: VerifierKey; readonly unixSeconds: bigint };

export type OpenedNote = {
  readonly text: string;
  /** The keys whose signatures verified, each once, in the order of the note. */
  readonly verified: readonly VerifierKey[];
  /** Of those, the cosignatures with their times, one for each signature line. */
  readonly cosigned: readonly Cosigned[];
  /** Signatures by keys that were not given; they say nothing. */
  readonly unverified: readonly NoteSignature[];
};

export type OpenedCheckpoint = OpenedNote & { readonly checkpoint: Checkpoint };

/**
 * Opens a signed note with the keys one trusts (C2SP signed-note, "Signatures"). Throws
 * `note.malformed`; `note.signature-invalid` where a known name and key id carry a signature that
 * does not verify; `note.unsigned` where none of the keys has signed; `key.ambiguous` where two
 * different keys have one name and key id.
 */
export function openNote(note: string | Uint8Array, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const known = byNameAndId(keys);
  const verified = new Set<VerifierKey>();
  const cosigned: Cosigned[] = [];
  const unverified: NoteSignature[] = [];
  for (const signature of signatures) {
    const key = known.get(nameAndId(signature));
    if (key === undefined) {
      unverified.push(signature);
      continue;
    }
    const unixSeconds = verifySignature(text, signature, key);
    verified.add(key);
    if (unixSeconds !== undefined) cosigned.push({ key, unixSeconds });
  }
  if (verified.size === 0) {
    throw new MerkleError('note.unsigned', 'none of the trusted keys has signed the note');
  }
  return { text, verified: [...verified], cosigned, unverified };
}

/** Opens a note and reads its text as a checkpoint; throws as `openNote` and `parseCheckpoint`. */
export function openCheckpoint(
  note: string | Uint8Array,
  keys: readonly VerifierKey[],
): OpenedCheckpoint {
  const opened = openNote(note, keys);
  return { ...opened, checkpoint: parseCheckpoint(opened.text) };
}

/**
 * The note of a text, which must end in a newline, with one signature of type 0x01. Throws
 * `note.malformed`, and `key.unsupported` for a signer of another type.
 */
export function signNote(text: string, signer: SignerKey): string {
  if (signer.type !== SIGNATURE_TYPES.ed25519) {
    throw new MerkleError('key.unsupported', 'a note is signed with a key of type 0x01');
  }
  const bytes = ed25519Sign(utf8(text), signer.seed);
  return formatNote({ text, signatures: [{ name: signer.name, keyId: signer.keyId, bytes }] });
}

/**
 * The note with more signature lines, each ending in a newline, as a witness answers them; lines
 * that it has already are not repeated. Verifies nothing. Throws `note.malformed`.
 */
export function addSignatures(note: string, lines: string): string {
  if (!lines.endsWith('\n')) {
    throw new MerkleError('note.malformed', 'signature lines end in a newline');
  }
  const { text, signatures } = parseNote(note);
  const all = [...signatures];
  for (const added of lines.slice(0, -1).split('\n').map(parseSignatureLine)) {
    if (!all.some((one) => isSame(one, added))) all.push(added);
  }
  return formatNote({ text, signatures: all });
}

function isSame(one: NoteSignature, other: NoteSignature): boolean {
  return nameAndId(one) === nameAndId(other) && equalBytes(one.bytes, other.bytes);
}

/** The time where it is a cosignature. Throws `note.signature-invalid`. */
function verifySignature(
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): bigint | undefined {
  if (key.type === SIGNATURE_TYPES.cosignature) {
    const unixSeconds = verifyCosignature(text, signature, key);
    if (unixSeconds !== undefined) return unixSeconds;
  } else if (ed25519Verify(utf8(text), signature.bytes, key.publicKey)) {
    return undefined;
  }
  throw new MerkleError(
    'note.signature-invalid',
    `the signature of ${key.name} (${key.keyId}) is not over this text`,
  );
}

function byNameAndId(keys: readonly VerifierKey[]): ReadonlyMap<string, VerifierKey> {
  const known = new Map<string, VerifierKey>();
  for (const key of keys) {
    const same = known.get(nameAndId(key));
    if (same !== undefined && !equalBytes(same.publicKey, key.publicKey)) {
      throw new MerkleError('key.ambiguous', `two keys are called ${key.name} (${key.keyId})`);
    }
    known.set(nameAndId(key), key);
  }
  return known;
}

function nameAndId({ name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>): string {
  return `${name} ${keyId}`;
}
