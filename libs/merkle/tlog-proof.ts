import { fromBase64, toBase64 } from './base64.js';
import { checkPolicy } from './check-policy.js';
import { parseCheckpoint } from './checkpoint.js';
import type { Hash } from './hashing.js';
import { HASH_SIZE_BYTES } from './hashing.js';
import { MerkleError } from './merkle-error.js';
import { parseNote } from './note.js';
import type { CheckedCheckpoint, Policy } from './policy.js';
import { verifyInclusion } from './proof.js';
import { decimalOf, textOf, UINT64_MAX } from './text.js';

/** That an entry is in a log, to be verified without the log (C2SP tlog-proof). */
export type TlogProof = {
  /** What an application wants beside it; not covered by anything. */
  readonly extra?: Uint8Array;
  readonly index: bigint;
  /** The inclusion proof, sibling of the leaf first. */
  readonly proof: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
/** An index of 64 bits has as many siblings. */
const PROOF_HASHES_MAX = 64;
const TLOG_PROOF_SIZE_MAX_BYTES = 2_000_000;

/**
 * Reads a `.tlog-proof` file without verifying it. Throws `tlog-proof.malformed` for whatever is
 * not exactly the format, the checkpoint within included.
 */
export function parseTlogProof(input: string | Uint8Array): TlogProof {
  if (input.length > TLOG_PROOF_SIZE_MAX_BYTES) throw malformed('is too long');
  const text = textOf(input, 'tlog-proof.malformed');
  const end = text.indexOf('\n\n');
  if (end < 0) throw malformed('has no checkpoint');
  const [header, ...lines] = text.slice(0, end).split('\n');
  if (header !== HEADER) throw malformed('does not begin as one');
  const extra = extraOf(lines[0]);
  const [indexLine, ...hashLines] = extra === undefined ? lines : lines.slice(1);
  const checkpoint = text.slice(end + 2);
  refuseOtherThanCheckpoint(checkpoint);
  return {
    ...(extra === undefined ? {} : { extra }),
    index: indexOf(indexLine),
    proof: hashesOf(hashLines),
    checkpoint,
  };
}

/** The file as `parseTlogProof` reads it. Throws `tlog-proof.malformed` for what it refuses. */
export function formatTlogProof({ extra, index, proof, checkpoint }: TlogProof): string {
  if (index < 0n || index > UINT64_MAX) throw malformed('has an index beyond 64 bits');
  const lines = [
    HEADER,
    ...(extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(toBase64),
  ];
  const text = `${lines.join('\n')}\n\n${checkpoint}`;
  parseTlogProof(text);
  return text;
}

/**
 * Verifies all that a `.tlog-proof` claims for a leaf: the checkpoint is signed by a log of the
 * policy and cosigned by its quorum, and the leaf is in that tree. Throws as `checkPolicy`, and
 * `policy.quorum-not-met` or `tlog-proof.not-included`.
 */
export function verifyTlogProof(
  { index, proof, checkpoint: note }: TlogProof,
  leafHash: Hash,
  policy: Policy,
): CheckedCheckpoint {
  const checked = checkPolicy(policy, note);
  if (!checked.quorumMet) {
    throw new MerkleError('policy.quorum-not-met', 'too few witnesses have cosigned');
  }
  const { size, root } = checked.checkpoint;
  if (!verifyInclusion({ index, size, leafHash, proof, root })) {
    throw new MerkleError('tlog-proof.not-included', `leaf ${index} is not in the tree of ${size}`);
  }
  return checked;
}

function extraOf(line: string | undefined): Uint8Array | undefined {
  if (line?.startsWith('extra ') !== true) return undefined;
  const extra = fromBase64(line.slice('extra '.length));
  if (extra === undefined || extra.length === 0) throw malformed('has extra data not in base 64');
  return extra;
}

function indexOf(line: string | undefined): bigint {
  const index =
    line?.startsWith('index ') === true ? decimalOf(line.slice('index '.length)) : undefined;
  if (index === undefined) throw malformed('has no index');
  return index;
}

function hashesOf(lines: readonly string[]): readonly Hash[] {
  if (lines.length > PROOF_HASHES_MAX) throw malformed('has too many hashes');
  return lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_SIZE_BYTES) throw malformed('has a line that is no hash');
    return hash;
  });
}

function refuseOtherThanCheckpoint(note: string): void {
  try {
    parseCheckpoint(parseNote(note).text);
  } catch (cause) {
    throw new MerkleError('tlog-proof.malformed', 'the proof has no checkpoint', { cause });
  }
}

function malformed(message: string): MerkleError {
  return new MerkleError('tlog-proof.malformed', `the proof ${message}`);
}
