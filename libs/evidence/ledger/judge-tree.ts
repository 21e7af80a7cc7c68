import { entriesPath, HASH_SIZE_BYTES, TILE_WIDTH, tilePath, type Hash } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { Fault } from '../verdict.js';
import { maybeLeaf } from './leaf-scan.js';
import type { LedgerReader } from './ledger-reader.js';
import { rootOfEdges, rootOfHashes, type TreeLevels } from './tree-levels.js';
import type { MissingTile, Suspect, TreeWalk } from './tree-walk.js';

export type TreeClaim = { readonly size: number; readonly root: Hash };

/**
 * Says what of a walked tree is not what was signed, as exactly as it can be told: hashes are traced
 * from the signed root downwards, taking at each place the version (of the tiles, or of the entries)
 * that the place above vouches for. One changed file is so always named alone.
 */
export function judgeTree(
  reader: LedgerReader,
  walk: TreeWalk,
  claim: TreeClaim & { readonly missing: readonly MissingTile[] },
): readonly Fault[] {
  const edge = signedEdge(walk, claim.root);
  const faults: Fault[] = edge ? [] : [rootFault(claim)];
  const missing = new Set(claim.missing.map(({ level, number }) => placeOf(level, number)));
  const signed = new SignedHashes(edge, walk);
  for (let level = reader.levels - 1; level >= 1; level -= 1) {
    for (let number = 0; number * TILE_WIDTH < reader.hashesAt(level); number += 1) {
      const judged = signed.judgeTile(level, number);
      if (judged === 'signed' || missing.has(placeOf(level, number))) continue;
      faults.push(tileFault(reader, { level, number, judged }));
    }
  }
  const all = [...faults, ...leafFaults(reader, walk, signed)];
  const isRight = edge?.every((version) => version === 'derived') === true;
  // Whatever the tracing says: a tree with another root is never passed.
  return all.length > 0 || isRight ? all : [rootFault(claim)];
}

type Versions = { readonly stored: TreeLevels; readonly derived: TreeLevels };

const placeOf = (level: number, number: number): string => `${level}/${number}`;

/** For each level, which version of the partial tile at the right edge gives the signed root. */
type Edge = readonly ('stored' | 'derived')[];

function signedEdge({ stored, derived }: Versions, root: Hash): Edge | undefined {
  const levels = Array.from({ length: derived.levels }, (_, level) => level);
  const differing = levels.filter((level) => !equalBytes(stored.edge(level), derived.edge(level)));
  // At most eight levels, so at most 256 ways; one in all but the rarest case.
  for (let way = 0; way < 2 ** differing.length; way += 1) {
    const edge = levels.map((level) =>
      differing.includes(level) && (way >> differing.indexOf(level)) & 1 ? 'stored' : 'derived',
    );
    const version = edge.map((one, level) => (one === 'stored' ? stored : derived).edge(level));
    const found = rootOfEdges(version);
    if (found && equalBytes(found, root)) return edge;
  }
  return undefined;
}

/** Hashes in which two versions of a tile may differ for all mixtures of both to be tried. */
const MIXED_MAX = 8;

/** The one mixture of both versions whose root the tile above names; undefined when there is none. */
function signedMixture(
  stored: Uint8Array,
  derived: Uint8Array,
  above: Hash,
): Uint8Array | undefined {
  for (const whole of [derived, stored]) {
    if (equalBytes(rootOfHashes(whole), above)) return whole;
  }
  const differing: number[] = [];
  for (let at = 0; at < derived.length; at += HASH_SIZE_BYTES) {
    const end = at + HASH_SIZE_BYTES;
    if (!equalBytes(stored.subarray(at, end), derived.subarray(at, end))) differing.push(at);
  }
  if (differing.length > MIXED_MAX) return undefined;
  for (let way = 1; way < 2 ** differing.length - 1; way += 1) {
    const mixed = derived.slice();
    for (const [bit, at] of differing.entries()) {
      if ((way >> bit) & 1) mixed.set(stored.subarray(at, at + HASH_SIZE_BYTES), at);
    }
    if (equalBytes(rootOfHashes(mixed), above)) return mixed;
  }
  return undefined;
}

type Judged = 'signed' | 'changed' | 'changed-with-all-below';

/** Traces hashes from the signed root downwards. */
class SignedHashes {
  /** What was signed, for tiles where that is not what the entries make; undefined: not known. */
  readonly #other = new Map<string, Uint8Array | undefined>();

  constructor(
    readonly edge: Edge | undefined,
    private readonly versions: Versions,
  ) {}

  /** The signed hash of a place at a level from 1; undefined where it is not known. */
  hash(level: number, index: number): Hash | undefined {
    const place = placeOf(level, Math.floor(index / TILE_WIDTH));
    if (!this.#other.has(place)) return this.versions.derived.at(level, index);
    const start = (index % TILE_WIDTH) * HASH_SIZE_BYTES;
    return this.#other.get(place)?.subarray(start, start + HASH_SIZE_BYTES);
  }

  judgeTile(level: number, number: number): Judged {
    const stored = this.versions.stored.tile(level, number);
    const derived = this.versions.derived.tile(level, number);
    const isPartial = derived.length < TILE_WIDTH * HASH_SIZE_BYTES;
    const above = isPartial ? undefined : this.hash(level + 1, number);
    const signed = isPartial
      ? this.#signedEdge(level)
      : this.#signedTile({ stored, derived, above }, this.versions.derived.at(level + 1, number));
    if (!signed || !equalBytes(signed, derived)) this.#other.set(placeOf(level, number), signed);
    const isSame = equalBytes(stored, derived);
    if (signed) return equalBytes(stored, signed) ? 'signed' : 'changed';
    if (isSame && above) return 'changed-with-all-below';
    return isSame ? 'signed' : 'changed';
  }

  #signedEdge(level: number): Uint8Array | undefined {
    const version = this.edge?.[level];
    return version && this.versions[version].edge(level);
  }

  #signedTile(
    tile: {
      readonly stored: Uint8Array;
      readonly derived: Uint8Array;
      readonly above: Hash | undefined;
    },
    derivedAbove: Hash,
  ): Uint8Array | undefined {
    if (!tile.above) return undefined;
    // The entries' version of a tile has the entries' hash above it; no need to hash it again.
    if (equalBytes(tile.above, derivedAbove)) return tile.derived;
    return signedMixture(tile.stored, tile.derived, tile.above);
  }
}

function leafFaults(reader: LedgerReader, walk: TreeWalk, signed: SignedHashes): readonly Fault[] {
  const suspects = new Map(walk.suspects.map((suspect) => [suspect.number, suspect]));
  const faults: Fault[] = [];
  const full = Math.floor(reader.size / TILE_WIDTH);
  for (let number = 0; number < full; number += 1) {
    const above = signed.hash(1, number);
    const suspect = suspects.get(number);
    if (suspect) {
      const hashes = above && signedMixture(suspect.stored, suspect.derived, above);
      faults.push(...suspectFaults(reader, suspect, hashes));
    } else if (above && !equalBytes(above, walk.derived.at(1, number))) {
      faults.push(bundleFault(number));
    }
  }
  const last = suspects.get(full);
  if (!last) return faults;
  const version = signed.edge?.[0];
  return [...faults, ...suspectFaults(reader, last, version && last[version])];
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
