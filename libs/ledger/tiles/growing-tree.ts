import {
  encodeEntries,
  entriesPath,
  TILE_WIDTH,
  TileBuilder,
  tilePath,
  type Hash,
  type Tile,
} from '#merkle';

/** A public file of the ledger by its C2SP path. */
export type LedgerFile = { readonly path: string; readonly bytes: Uint8Array };

/** Everything that a checkpoint of this size needs and that was not handed out before. */
export type Growth = {
  readonly size: bigint;
  readonly root: Hash;
  readonly files: readonly LedgerFile[];
  /** Folders of partial tiles and bundles that have a full one now. */
  readonly superseded: readonly string[];
};

/** The tree in memory: its right edge and the entries of the last bundle, whatever its size. */
export class GrowingTree {
  #entries: Uint8Array[];
  #bundle: bigint;
  #fullBundles: LedgerFile[] = [];
  /** Paths of the partial files of the last growth. */
  #partial = new Set<string>();

  constructor(
    private readonly tiles: TileBuilder,
    lastEntries: readonly Uint8Array[],
  ) {
    this.#bundle = tiles.size / BigInt(TILE_WIDTH);
    this.#entries = [...lastEntries];
    for (const { path } of this.#edge()) this.#partial.add(path);
  }

  get size(): bigint {
    return this.tiles.size;
  }

  add(entry: Uint8Array): void {
    this.tiles.addEntry(entry);
    this.#entries.push(entry);
    if (this.#entries.length < TILE_WIDTH) return;
    const path = entriesPath({ index: this.#bundle, width: TILE_WIDTH });
    this.#fullBundles.push({ path, bytes: encodeEntries(this.#entries) });
    this.#entries = [];
    this.#bundle += 1n;
  }

  /** Hands out what grew since the last time. */
  grow(): Growth {
    const full = [...this.tiles.takeFullTiles().map(fileOf), ...this.#fullBundles];
    this.#fullBundles = [];
    const edge = this.#edge();
    const files = [...full, ...edge.filter(({ path }) => !this.#partial.has(path))];
    const fullPaths = new Set(full.map(({ path }) => path));
    const folders = [...this.#partial].map(folderOfPartial);
    const superseded = folders.filter((folder) => fullPaths.has(folder.slice(0, -'.p'.length)));
    this.#partial = new Set(edge.map(({ path }) => path));
    return { size: this.size, root: this.tiles.root(), files, superseded };
  }

  #edge(): readonly LedgerFile[] {
    const tiles = this.tiles.rightEdge().map(fileOf);
    const width = this.#entries.length;
    if (width === 0) return tiles;
    const path = entriesPath({ index: this.#bundle, width });
    return [...tiles, { path, bytes: encodeEntries(this.#entries) }];
  }
}

function fileOf({ id, bytes }: Tile): LedgerFile {
  return { path: tilePath(id), bytes };
}

/** `tile/0/001.p/7` lies in `tile/0/001.p`. */
function folderOfPartial(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
