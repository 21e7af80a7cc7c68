import { entriesPath, HASH_SIZE_BYTES, TILE_WIDTH, tilePath, type Hash } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { Fault } from '../verdict.js';
import { maybeLeaf } from './leaf-scan.js';
import type { LedgerReader } from './ledger-reader.js';
import { placeOf, SignedTree, type Judged } from './signed-tree.js';
import type { MissingTile, Suspect, TreeWalk } from './tree-walk.js';

export type TreeClaim = { readonly size: number; readonly root: Hash };

export type JudgedTree = {
  readonly faults: readonly Fault[];
  /** What was signed, as far as it could be traced. */
  readonly signed: SignedTree;
};

/**
 * Says what of a walked tree is not what was signed, as exactly as it can be told: hashes are traced
 * from the signed root downwards, taking at each place the version (of the tiles, or of the entries)
 * that the place above vouches for. One changed file is so always named alone.
 */
export function judgeTree(
  reader: LedgerReader,
  walk: TreeWalk,
  claim: TreeClaim & { readonly missing: readonly MissingTile[] },
): JudgedTree {
  const signed = new SignedTree(walk, claim.root);
  const faults: Fault[] = signed.isFound ? [] : [rootFault(claim)];
  const missing = new Set(claim.missing.map(({ level, number }) => placeOf(level, number)));
  for (let level = reader.levels - 1; level >= 1; level -= 1) {
    for (let number = 0; number * TILE_WIDTH < reader.hashesAt(level); number += 1) {
      const judged = signed.judgeTile(level, number);
      if (judged === 'signed' || missing.has(placeOf(level, number))) continue;
      faults.push(tileFault(reader, { level, number, judged }));
    }
  }
  const all = [...faults, ...leafFaults(reader, walk, signed)];
  // Whatever the tracing says: a tree with another root is never passed.
  const isRight = all.length > 0 || signed.isOfEntries;
  return { faults: isRight ? all : [rootFault(claim)], signed };
}

function leafFaults(reader: LedgerReader, walk: TreeWalk, signed: SignedTree): readonly Fault[] {
  const suspects = new Map(walk.suspects.map((suspect) => [suspect.number, suspect]));
  const faults: Fault[] = [];
  const full = Math.floor(reader.size / TILE_WIDTH);
  for (let number = 0; number < full; number += 1) {
    const above = signed.hash(1, number);
    const suspect = suspects.get(number);
    if (suspect) {
      faults.push(...suspectFaults(reader, suspect, signed.leaves(number)));
    } else if (above && !equalBytes(above, walk.derived.at(1, number))) {
      faults.push(bundleFault(number));
    }
  }
  const last = suspects.get(full);
  if (!last) return faults;
  return [...faults, ...suspectFaults(reader, last, signed.leaves(full))];
}

function bundleFault(number: number): Fault {
  const first = number * TILE_WIDTH;
  const path = entriesPath({ index: BigInt(number), width: TILE_WIDTH });
  const reason = `some of the entries ${first} to ${first + TILE_WIDTH - 1} and their tile were changed together: the tile above names another hash`;
  return { what: 'entries', index: number, reason, path };
}

/** @param signed the leaf hashes that were signed, where they are known */
function suspectFaults(
  reader: LedgerReader,
  suspect: Suspect,
  signed: Uint8Array | undefined,
): readonly Fault[] {
  const { number, stored, derived, entries } = suspect;
  const isTileSigned = signed !== undefined && equalBytes(stored, signed);
  const tile = tileFault(reader, { level: 0, number, judged: 'changed' });
  // Where it is not known which of the two is right, both are named.
  const right = signed ?? stored;
  const leaves = entries.entries().flatMap((entry, at): readonly Fault[] => {
    const start = at * HASH_SIZE_BYTES;
    const end = start + HASH_SIZE_BYTES;
    if (equalBytes(right.subarray(start, end), derived.subarray(start, end))) return [];
    return [leafFault(entry, number * TILE_WIDTH + at)];
  });
  return isTileSigned ? leaves : [tile, ...leaves];
}

function leafFault(entry: Uint8Array, index: number): Fault {
  const eventId = maybeLeaf(entry)?.id;
  const reason = 'the entry is not the one whose hash was signed';
  return { what: 'leaf', index, ...(eventId === undefined ? {} : { eventId }), reason };
}

function tileFault(
  reader: LedgerReader,
  tile: { readonly level: number; readonly number: number; readonly judged: Judged },
): Fault {
  const { level, number, judged } = tile;
  const width = Math.min(TILE_WIDTH, reader.hashesAt(level) - number * TILE_WIDTH);
  const path = tilePath({ level, index: BigInt(number), width });
  const below = level === 0 ? 'entries beside it' : 'tiles below it';
  const span = TILE_WIDTH ** (level + 1);
  const reason =
    judged === 'changed'
      ? `the tile does not hold the hashes of the ${below}`
      : `the tile and what lies below it were changed together, at an index from ${number * span} to ${(number + 1) * span - 1}`;
  return { what: 'tile', index: number, reason, path };
}

function rootFault({ size }: TreeClaim): Fault {
  const reason =
    'the tree of entries and tiles has another root than the signed one: it was changed as a whole, or in several places';
  return { what: 'checkpoint', index: size, reason, path: 'checkpoint' };
}
