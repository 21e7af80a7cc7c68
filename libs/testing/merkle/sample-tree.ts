import fc from 'fast-check';
import { TileBuilder, tilePath, type Tile, type TileSource } from '#merkle';
import { naive } from './naive.js';

/** Leaves of the sample tree: more than eight tiles, and a ninth that is partial. */
export const LEAVES = 2_100;
export const entries = Array.from({ length: LEAVES }, (_, at) => Buffer.from(`entry ${at}`));
export const hashes = entries.map(naive.leaf);
export const sizes = fc.oneof(
  fc.integer({ min: 1, max: LEAVES }),
  fc.integer({ min: 1, max: 20 }),
  fc.constantFrom(255, 256, 257, 511, 512, 513, 1_024, 2_048, 2_049),
);

export class MissingTile extends Error {}

export function sourceOf(tiles: readonly Tile[]): TileSource {
  const byPath = new Map(tiles.map(({ id, bytes }) => [tilePath(id), bytes]));
  return {
    tile: (id) => {
      const bytes = byPath.get(tilePath(id));
      return bytes ? Promise.resolve(bytes) : Promise.reject(new MissingTile(tilePath(id)));
    },
  };
}

export function tilesAt(size: number): readonly Tile[] {
  const builder = new TileBuilder();
  for (const hash of hashes.slice(0, size)) builder.addLeaf(hash);
  return [...builder.takeFullTiles(), ...builder.rightEdge()];
}
