import { MerkleError } from './merkle-error.js';
import type { Hash } from './hashing.js';
import { EMPTY_ROOT } from './hashing.js';
import { subtreeOf } from './right-edge.js';
import type { TileId, TileSource } from './tile.js';
import { readTile, TILE_HEIGHT, TILE_WIDTH, tilePath } from './tile.js';
import { heightsOf, TreeHead } from './tree-head.js';

/** Leaves `from` to `to` − 1; `from` is a multiple of the largest subtree within. */
type Range = { readonly from: bigint; readonly to: bigint };

/**
 * The inclusion proof of a leaf in the tree of that size (RFC 9162 §2.1.3.1), sibling of the leaf
 * first. Reads each tile once. Rejects with `proof.out-of-range` for a leaf beyond the tree,
 * `tile.malformed` for a tile of another length, and with what the source rejects with. What the
 * tiles say is not checked: verify the proof against a signed root.
 */
export async function proveInclusion(
  tiles: TileSource,
  index: bigint,
  size: bigint,
): Promise<readonly Hash[]> {
  if (index < 0n || index >= size) {
    throw new MerkleError('proof.out-of-range', `a tree of ${size} has no leaf ${index}`);
  }
  const siblings: Range[] = [];
  let { from, to }: Range = { from: 0n, to: size };
  while (to - from > 1n) {
    const middle = from + splitOf(to - from);
    const goesLeft = index < middle;
    siblings.push(goesLeft ? { from: middle, to } : { from, to: middle });
    if (goesLeft) to = middle;
    else from = middle;
  }
  return hashesOf(tiles, siblings.toReversed(), size);
}

/**
 * The proof that the tree of size 2 begins with that of size 1 (RFC 9162 §2.1.4.1); empty where
 * both are the same. Rejects as `proveInclusion`, and with `proof.out-of-range` for a size 1 of 0
 * or beyond size 2.
 */
export async function proveConsistency(
  tiles: TileSource,
  size1: bigint,
  size2: bigint,
): Promise<readonly Hash[]> {
  if (size1 <= 0n || size1 > size2) {
    throw new MerkleError('proof.out-of-range', `nothing proves ${size2} from ${size1}`);
  }
  const ranges: Range[] = [];
  let { from, to }: Range = { from: 0n, to: size2 };
  while (to !== size1) {
    const middle = from + splitOf(to - from);
    const goesLeft = size1 <= middle;
    ranges.push(goesLeft ? { from: middle, to } : { from, to: middle });
    if (goesLeft) to = middle;
    else from = middle;
  }
  // Only a verifier that has the whole subtree as its old root can do without it.
  if (from > 0n) ranges.push({ from, to });
  return hashesOf(tiles, ranges.toReversed(), size2);
}

/** The root of the tree of that size from its tiles. Rejects as `proveInclusion`. */
export async function rootOf(tiles: TileSource, size: bigint): Promise<Hash> {
  if (size === 0n) return EMPTY_ROOT.slice();
  const [root] = await hashesOf(tiles, [{ from: 0n, to: size }], size);
  return root ?? EMPTY_ROOT.slice();
}

/** The largest power of two below a number of at least 2 (RFC 9162 §2.1.1). */
function splitOf(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}

async function hashesOf(
  tiles: TileSource,
  ranges: readonly Range[],
  size: bigint,
): Promise<readonly Hash[]> {
  const read = new Map<string, Promise<Uint8Array>>();
  const once: TileSource = {
    tile: (id) => {
      const path = tilePath(id);
      const reading = read.get(path) ?? readTile(tiles, id);
      read.set(path, reading);
      return reading;
    },
  };
  return Promise.all(ranges.map((range) => rangeHash(once, range, size)));
}

/** The hash over a range: its complete subtrees, folded from the right as a tree's peaks are. */
async function rangeHash(tiles: TileSource, range: Range, size: bigint): Promise<Hash> {
  const count = range.to - range.from;
  let from = range.from;
  const peaks = heightsOf(count).map((height) => {
    const peak = completeSubtree(tiles, { height, from }, size);
    from += 1n << BigInt(height);
    return peak;
  });
  return new TreeHead(count, await Promise.all(peaks)).root();
}

type Subtree = { readonly height: number; readonly from: bigint };

async function completeSubtree(
  tiles: TileSource,
  { height, from }: Subtree,
  size: bigint,
): Promise<Hash> {
  const level = Math.floor(height / TILE_HEIGHT);
  const first = from >> BigInt(TILE_HEIGHT * level);
  const id = tileHolding(level, first / BigInt(TILE_WIDTH), size);
  const bytes = await tiles.tile(id);
  return subtreeOf(bytes, Number(first % BigInt(TILE_WIDTH)), 1 << (height % TILE_HEIGHT));
}

/** The tile as it is in a tree of that size: full, or as far as the tree goes. */
function tileHolding(level: number, index: bigint, size: bigint): TileId {
  const hashes = (size >> BigInt(TILE_HEIGHT * level)) - index * BigInt(TILE_WIDTH);
  return { level, index, width: hashes < BigInt(TILE_WIDTH) ? Number(hashes) : TILE_WIDTH };
}
