import { MerkleError } from './merkle-error.js';
import type { Hash } from './hashing.js';
import { HASH_SIZE_BYTES } from './hashing.js';
import type { Tile } from './tile.js';
import { rightEdgeOf, tilePath } from './tile.js';
import { heightsOf, TreeHead } from './tree-head.js';

/** The root over consecutive hashes of a tile; their number must be a power of two. */
export function subtreeOf(bytes: Uint8Array, first: number, count: number): Hash {
  const head = new TreeHead();
  for (let at = first; at < first + count; at += 1) {
    head.addLeaf(bytes.subarray(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES));
  }
  return head.root();
}

/**
 * The compact range of a tree of that size, largest subtree first, from its partial tiles in the
 * order of `rightEdgeOf(size)`. Throws `tile.malformed` for other tiles.
 */
export function peaksInEdge(size: bigint, edge: readonly Tile[]): readonly Hash[] {
  const wanted = rightEdgeOf(size);
  const fits = wanted.every((id, at) => {
    const tile = edge[at];
    return (
      tile !== undefined &&
      tilePath(tile.id) === tilePath(id) &&
      tile.bytes.length === id.width * HASH_SIZE_BYTES
    );
  });
  if (!fits || wanted.length !== edge.length) {
    throw new MerkleError('tile.malformed', `these are not the partial tiles of size ${size}`);
  }
  return edge.toReversed().flatMap(({ id, bytes }) => peaksInTile(id.width, bytes));
}

function peaksInTile(width: number, bytes: Uint8Array): readonly Hash[] {
  let first = 0;
  return heightsOf(BigInt(width)).map((height) => {
    const peak = subtreeOf(bytes, first, 1 << height);
    first += 1 << height;
    return peak;
  });
}
