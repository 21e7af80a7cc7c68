import { MerkleError } from './merkle-error.js';
import type { Hash } from './hashing.js';
import { HASH_SIZE_BYTES } from './hashing.js';
import type { Tile, TileId, TileSource } from './tile.js';
import { readTile, rightEdgeOf, TILE_HEIGHT, TILE_WIDTH, tilePath } from './tile.js';
import { TreeHead } from './tree-head.js';
import { peaksInEdge } from './right-edge.js';

const TILE_SIZE_BYTES = TILE_WIDTH * HASH_SIZE_BYTES;

type Level = { readonly bytes: Uint8Array; width: number; index: bigint };

/**
 * Builds the tiles of a log (C2SP tlog-tiles) from its leaf hashes, in order. The tiles of a size
 * are the same however often building was interrupted and resumed.
 */
export class TileBuilder {
  readonly #head: TreeHead;
  readonly #levels: Level[] = [];
  #full: Tile[] = [];

  /**
   * Starts from nothing, or from the partial tiles of a tree of that size, in the order of
   * `rightEdgeOf(size)`. Throws `tile.malformed` for other tiles.
   */
  constructor(size = 0n, edge: readonly Tile[] = []) {
    this.#head = new TreeHead(size, peaksInEdge(size, edge));
    for (const { id, bytes } of edge) {
      const level = this.#levelAt(id.level);
      level.bytes.set(bytes);
      level.width = id.width;
    }
    for (const [at, level] of this.#levels.entries()) {
      level.index = size >> BigInt(TILE_HEIGHT * (at + 1));
    }
  }

  /** Goes on where a log of that size ended; reads its partial tiles, at most eight. */
  static async resume(size: bigint, tiles: TileSource): Promise<TileBuilder> {
    const read = async (id: TileId): Promise<Tile> => ({ id, bytes: await readTile(tiles, id) });
    return new TileBuilder(size, await Promise.all(rightEdgeOf(size).map(read)));
  }

  get size(): bigint {
    return this.#head.size;
  }

  /** The root of the tree as it stands. */
  root(): Hash {
    return this.#head.root();
  }

  /** The compact range of the tree as it stands, for a `TreeHead`. */
  peaks(): readonly Hash[] {
    return this.#head.peaks();
  }

  /** Appends a leaf by its hash. Throws `tree.malformed` for a hash that has not 32 bytes. */
  addLeaf(hash: Hash): void {
    this.#head.addLeaf(hash);
    this.#record(0, hash);
  }

  /** Appends an entry and returns its leaf hash. */
  addEntry(entry: Uint8Array): Hash {
    const hash = this.#head.addEntry(entry);
    this.#record(0, hash);
    return hash;
  }

  /** The tiles that became full since the last call; each is handed out once. */
  takeFullTiles(): readonly Tile[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** The partial tiles of the tree as it stands, as copies, lowest level first. */
  rightEdge(): readonly Tile[] {
    return this.#levels.flatMap(({ bytes, width, index }, level) =>
      width === 0
        ? []
        : [{ id: { level, index, width }, bytes: bytes.slice(0, width * HASH_SIZE_BYTES) }],
    );
  }

  #record(levelNumber: number, hash: Hash): void {
    const level = this.#levelAt(levelNumber);
    level.bytes.set(hash, level.width * HASH_SIZE_BYTES);
    level.width += 1;
    if (level.width < TILE_WIDTH) return;
    this.#full.push({
      id: { level: levelNumber, index: level.index, width: TILE_WIDTH },
      bytes: level.bytes.slice(),
    });
    level.width = 0;
    level.index += 1n;
    // The head has just closed this tile's subtree, so its root need not be hashed again.
    this.#record(levelNumber + 1, this.#head.newestSubtree(TILE_HEIGHT * (levelNumber + 1)));
  }

  #levelAt(at: number): Level {
    for (let next = this.#levels.length; next <= at; next += 1) {
      this.#levels.push({ bytes: new Uint8Array(TILE_SIZE_BYTES), width: 0, index: 0n });
    }
    const level = this.#levels[at];
    if (level === undefined) {
      throw new MerkleError('tile.malformed', `${tilePath({ level: at, index: 0n, width: 1 })}`);
    }
    return level;
  }
}
