import { BundleHasher, HASH_SIZE_BYTES, TILE_WIDTH, type EntryBundle, type Hash } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { BundleFiles, Found, LedgerReader } from './ledger-reader.js';
import { rootOfEdges, rootOfHashes, TreeLevels } from './tree-levels.js';

const TILE_SIZE_BYTES = TILE_WIDTH * HASH_SIZE_BYTES;

/** Level-0 tiles that are kept for the moment when it can be told what of them is right. */
const SUSPECTS_MAX = 1_000;

/** A level-0 tile that the entries beside it do not have as their leaf hashes. */
export type Suspect = {
  readonly number: number;
  readonly path: string;
  /** As it is stored, and as the entries have it. */
  readonly stored: Uint8Array;
  readonly derived: Uint8Array;
  readonly entries: EntryBundle;
};

/** A bundle on its way through the walk. */
export type WalkedBundle = {
  readonly number: number;
  /** Index of its first leaf. */
  readonly first: number;
  readonly width: number;
  readonly entries: Found<EntryBundle>;
  readonly tile: Found<Uint8Array>;
  /**
   * Leaf hashes that were most likely signed: those of the entries, but of the tile where only that
   * one fits the level above, or of the last tile the signed root.
   */
  readonly hashes: Uint8Array;
  /** Whether tile and entries are there and say the same. */
  readonly agrees: boolean;
};

/** Reads every tile above level 0: a small part of a ledger, and what level 0 is held against. */
export async function readUpperLevels(
  reader: LedgerReader,
): Promise<{ readonly stored: TreeLevels; readonly missing: readonly MissingTile[] }> {
  const stored = emptyLevels(reader);
  const missing: MissingTile[] = [];
  for (let level = 1; level < reader.levels; level += 1) {
    for (let number = 0; number * TILE_WIDTH < reader.hashesAt(level); number += 1) {
      const found = await reader.tile(level, number);
      if (found.content) stored.set(level, number * TILE_WIDTH, found.content);
      else missing.push({ level, number, path: found.path, reason: found.reason });
    }
  }
  return { stored, missing };
}

export type MissingTile = {
  readonly level: number;
  readonly number: number;
  readonly path: string;
  readonly reason: string;
};

export function emptyLevels(reader: LedgerReader): TreeLevels {
  return new TreeLevels(
    Array.from({ length: reader.levels }, (_, level) => reader.hashesAt(level)),
  );
}

/**
 * Hashes every entry once, builds the tree of them, and hands each bundle on. What disagrees is kept,
 * to be judged when the whole tree is known.
 */
export class TreeWalk {
  readonly derived: TreeLevels;
  readonly suspects: Suspect[] = [];
  suspectsBeyond = 0;
  readonly #hasher = new BundleHasher();

  constructor(
    private readonly reader: LedgerReader,
    readonly stored: TreeLevels,
    private readonly root: Hash,
  ) {
    this.derived = emptyLevels(reader);
  }

  /** Every bundle in order, after its hashes were taken in. Valid until the next one is asked for. */
  async *bundles(): AsyncGenerator<WalkedBundle> {
    for await (const files of this.reader.bundles()) yield this.#walk(files);
    this.#deriveUpperLevels();
  }

  #walk(files: BundleFiles): WalkedBundle {
    const { number, width, entries, tile } = files;
    const isFull = width === TILE_WIDTH;
    const above = isFull ? this.stored.at(1, number) : undefined;
    const bundle = { number, first: number * TILE_WIDTH, width, entries, tile };
    if (!isFull && tile.content) this.stored.set(0, 0, tile.content);
    if (!entries.content) {
      // What was signed here is known from the tile alone, or not at all.
      const hashes = tile.content ?? new Uint8Array(width * HASH_SIZE_BYTES);
      this.#derive(number, hashes, tile.content ? rootOfHashes(hashes) : above);
      return { ...bundle, hashes, agrees: false };
    }
    const { hashes: derived, root } = this.#hasher.hash(entries.content);
    this.#derive(number, derived, root);
    if (!isFull && !tile.content) this.stored.set(0, 0, derived);
    if (!tile.content) return { ...bundle, hashes: derived, agrees: false };
    if (equalBytes(tile.content, derived)) return { ...bundle, hashes: derived, agrees: true };
    this.#suspect({
      number,
      path: tile.path,
      // Not by slice, which of a Buffer copies nothing.
      stored: new Uint8Array(tile.content),
      derived: derived.slice(),
      entries: entries.content.copy(),
    });
    const isTileSigned = above
      ? isRootOnlyOf(above, { tile: tile.content, root })
      : this.#isLastTileSigned(tile.content);
    return { ...bundle, hashes: isTileSigned ? tile.content : derived, agrees: false };
  }

  /** Whether the partial tile, the last that is walked, has the signed root with what lies above. */
  #isLastTileSigned(tile: Uint8Array): boolean {
    this.#deriveUpperLevels();
    return [this.derived, this.stored].some((above) => {
      const edges = Array.from({ length: above.levels }, (_, level) => above.edge(level));
      const found = rootOfEdges([tile, ...edges.slice(1)]);
      return found !== undefined && equalBytes(found, this.root);
    });
  }

  #derive(number: number, hashes: Uint8Array, root: Uint8Array | undefined): void {
    if (hashes.length < TILE_SIZE_BYTES) this.derived.set(0, 0, hashes);
    else if (root) this.derived.set(1, number, root);
  }

  #suspect(suspect: Suspect): void {
    if (this.suspects.length < SUSPECTS_MAX) this.suspects.push(suspect);
    else this.suspectsBeyond += 1;
  }

  #deriveUpperLevels(): void {
    for (let level = 2; level < this.derived.levels; level += 1) {
      for (let number = 0; number < this.reader.hashesAt(level); number += 1) {
        this.derived.set(level, number, rootOfHashes(this.derived.tile(level - 1, number)));
      }
    }
  }
}

/** Whether the hash above is that of the tile, and not the root of the entries beside it. */
function isRootOnlyOf(
  above: Hash,
  { tile, root }: { readonly tile: Uint8Array; readonly root: Hash | undefined },
): boolean {
  return !(root && equalBytes(above, root)) && equalBytes(above, rootOfHashes(tile));
}
