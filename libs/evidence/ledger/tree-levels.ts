import { HASH_SIZE_BYTES, nodeHash, TILE_WIDTH, TreeHead, type Hash } from '#merkle';

/** The hashes of every tile level of a tree: levels from 1 whole, of level 0 the partial tile. */
export class TreeLevels {
  readonly #levels: readonly Uint8Array[];

  /** All hashes are zero until they are set; no leaf has such a hash. */
  constructor(hashesAt: readonly number[]) {
    this.#levels = hashesAt.map(
      (count, level) =>
        new Uint8Array((level === 0 ? count % TILE_WIDTH : count) * HASH_SIZE_BYTES),
    );
  }

  /** Of level 0: the partial tile, which begins with its hash 0. */
  at(level: number, index: number): Hash {
    const start = index * HASH_SIZE_BYTES;
    return this.level(level).subarray(start, start + HASH_SIZE_BYTES);
  }

  level(level: number): Uint8Array {
    return this.#levels[level] ?? new Uint8Array();
  }

  get levels(): number {
    return this.#levels.length;
  }

  /** The hashes of one tile of a level from 1. */
  tile(level: number, number: number): Uint8Array {
    return this.level(level).subarray(
      number * TILE_WIDTH * HASH_SIZE_BYTES,
      (number + 1) * TILE_WIDTH * HASH_SIZE_BYTES,
    );
  }

  set(level: number, index: number, hashes: Uint8Array): void {
    this.#levels[level]?.set(hashes, index * HASH_SIZE_BYTES);
  }

  /** The hashes of the partial tile at a level's right edge; empty where the last tile is full. */
  edge(level: number): Uint8Array {
    const hashes = this.level(level);
    const width = (hashes.length / HASH_SIZE_BYTES) % TILE_WIDTH;
    return hashes.subarray(hashes.length - width * HASH_SIZE_BYTES);
  }
}

/** The largest subtrees that these hashes, taken as leaves, make up; the largest first. */
export function peaksOf(hashes: Uint8Array): readonly Hash[] {
  return headOf(hashes).peaks();
}

/** The root of the tree whose leaves have these hashes, such as of a full tile. */
export function rootOfHashes(hashes: Uint8Array): Hash {
  return headOf(hashes).root();
}

function headOf(hashes: Uint8Array): TreeHead {
  const head = new TreeHead();
  for (let at = 0; at < hashes.length; at += HASH_SIZE_BYTES) {
    head.addLeaf(hashes.subarray(at, at + HASH_SIZE_BYTES));
  }
  return head;
}

/**
 * The root of a tree from the partial tiles at its right edge, lowest level first (RFC 9162 §2.1.1).
 * A tree has a leaf or more.
 */
export function rootOfEdges(edges: readonly Uint8Array[]): Hash | undefined {
  const peaks = edges.toReversed().flatMap((edge) => peaksOf(edge));
  return peaks.reduceRight<Hash | undefined>(
    (root, peak) => (root === undefined ? peak : nodeHash(peak, root)),
    undefined,
  );
}
