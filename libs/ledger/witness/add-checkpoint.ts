import type { Hash } from '#merkle';

/** A request to cosign (C2SP tlog-witness, "add-checkpoint"). */
export type AddCheckpoint = {
  /** Size of the last checkpoint that the witness cosigned, as the client knows it. */
  readonly oldSize: bigint;
  /** Consistency proof from the old size to the checkpoint's (RFC 6962 §2.1.2). */
  readonly proof: readonly Hash[];
  /** The signed note, not looked into here. */
  readonly note: string;
};

/** A tree of 2⁶⁴ leaves needs no more. */
export const PROOF_LINES_MAX = 63;
/** The proof, and a note with some sixteen signatures of up to five thousand bytes. */
export const ADD_CHECKPOINT_SIZE_MAX_BYTES = 131_072;
const HASH_SIZE_BYTES = 32;

const OLD_SIZE_LINE = /^old (?<size>0|[1-9][0-9]{0,19})$/;
const UINT64_MAX = 2n ** 64n - 1n;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The body of a request. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  const hashes = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `old ${oldSize}\n${hashes.join('')}\n${note}`;
}

/** Reads a body; undefined for whatever is not exactly the format. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  if (body.length > ADD_CHECKPOINT_SIZE_MAX_BYTES) return undefined;
  const text = textOf(body);
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const oldSize = BigInt(OLD_SIZE_LINE.exec(first)?.groups?.['size'] ?? -1);
  if (oldSize < 0n || oldSize > UINT64_MAX || lines.length > PROOF_LINES_MAX) return undefined;
  const proof = lines.map(hashOf);
  if (!areAllThere(proof)) return undefined;
  return { oldSize, proof, note: text.slice(end + 2) };
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    // Not UTF-8: no note either.
    return undefined;
  }
}

/** Base 64 is decoded leniently by Node, so that what came must also be what it would write. */
function hashOf(line: string): Hash | undefined {
  const hash = Buffer.from(line, 'base64');
  const isOne = hash.length === HASH_SIZE_BYTES && hash.toString('base64') === line;
  // A Buffer's `slice` would share its memory, where that of all other bytes copies.
  return isOne ? Uint8Array.from(hash) : undefined;
}

function areAllThere(hashes: readonly (Hash | undefined)[]): hashes is readonly Hash[] {
  return hashes.every((hash) => hash !== undefined);
}
