import { HASH_SIZE_BYTES, TILE_WIDTH, type Hash } from '#merkle';
import { equalBytes } from '../bytes.js';
import { rootOfEdges, rootOfHashes, type TreeLevels } from './tree-levels.js';
import type { Suspect, TreeWalk } from './tree-walk.js';

type Versions = { readonly stored: TreeLevels; readonly derived: TreeLevels };

export const placeOf = (level: number, number: number): string => `${level}/${number}`;

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

export type Judged = 'signed' | 'changed' | 'changed-with-all-below';

/**
 * The tree that was signed, traced from the signed root downwards. Every tile is to be judged, from
 * the highest level down, before anything else is asked of it.
 */
export class SignedTree {
  readonly #edge: Edge | undefined;
  /** What was signed, for tiles where that is not what the entries make; undefined: not known. */
  readonly #other = new Map<string, Uint8Array | undefined>();
  readonly #suspects: ReadonlyMap<number, Suspect>;
  readonly #versions: Versions;

  constructor({ stored, derived, suspects }: TreeWalk, root: Hash) {
    this.#versions = { stored, derived };
    this.#edge = signedEdge(this.#versions, root);
    this.#suspects = new Map(suspects.map((suspect) => [suspect.number, suspect]));
  }

  /** Whether anything here leads to the signed root. */
  get isFound(): boolean {
    return this.#edge !== undefined;
  }

  /** Whether the tree of the entries has the signed root. */
  get isOfEntries(): boolean {
    return this.#edge?.every((version) => version === 'derived') === true;
  }

  judgeTile(level: number, number: number): Judged {
    const stored = this.#versions.stored.tile(level, number);
    const derived = this.#versions.derived.tile(level, number);
    const isPartial = derived.length < TILE_WIDTH * HASH_SIZE_BYTES;
    const above = isPartial ? undefined : this.hash(level + 1, number);
    const signed = isPartial
      ? this.#signedEdge(level)
      : this.#signedTile({ stored, derived, above }, this.#versions.derived.at(level + 1, number));
    if (!signed || !equalBytes(signed, derived)) this.#other.set(placeOf(level, number), signed);
    const isSame = equalBytes(stored, derived);
    if (signed) return equalBytes(stored, signed) ? 'signed' : 'changed';
    if (isSame && above) return 'changed-with-all-below';
    return isSame ? 'signed' : 'changed';
  }

  /** The signed hash of a place at a level from 1; undefined where it is not known. */
  hash(level: number, index: number): Hash | undefined {
    const start = (index % TILE_WIDTH) * HASH_SIZE_BYTES;
    const tile = this.#tile(level, Math.floor(index / TILE_WIDTH));
    return tile?.subarray(start, start + HASH_SIZE_BYTES);
  }

  /**
   * The leaf hashes of a bundle that were signed; undefined where they are not known.
   * @param walked those the bundle was walked with, or the first of them, where its tile and its
   *   entries do not disagree
   */
  leaves(number: number, walked?: Uint8Array): Uint8Array | undefined {
    const { derived } = this.#versions;
    if (number * HASH_SIZE_BYTES === derived.level(1).length) return this.#signedEdge(0);
    const above = this.hash(1, number);
    if (!above) return undefined;
    const suspect = this.#suspects.get(number);
    if (suspect) return signedMixture(suspect.stored, suspect.derived, above);
    return equalBytes(above, derived.at(1, number)) ? walked : undefined;
  }

  /**
   * The root that the tree had when it had the size; undefined where that is not known.
   * @param size at least 1, at most that of the tree
   * @param walked as of {@link leaves}, of the bundle that the size ends in
   */
  rootAt(size: number, walked: Uint8Array | undefined): Hash | undefined {
    const edges: Uint8Array[] = [];
    for (let level = 0; level < this.#versions.derived.levels; level += 1) {
      const count = Math.floor(size / TILE_WIDTH ** level);
      const width = count % TILE_WIDTH;
      if (width === 0) continue;
      const number = Math.floor(count / TILE_WIDTH);
      const tile = level === 0 ? this.leaves(number, walked) : this.#tile(level, number);
      if (!tile) return undefined;
      edges.push(tile.subarray(0, width * HASH_SIZE_BYTES));
    }
    return rootOfEdges(edges);
  }

  /** The signed hashes of a tile of a level from 1. */
  #tile(level: number, number: number): Uint8Array | undefined {
    const place = placeOf(level, number);
    if (this.#other.has(place)) return this.#other.get(place);
    return this.#versions.derived.tile(level, number);
  }

  #signedEdge(level: number): Uint8Array | undefined {
    const version = this.#edge?.[level];
    return version && this.#versions[version].edge(level);
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
