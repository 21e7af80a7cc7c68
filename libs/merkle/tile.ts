import { MerkleError } from './merkle-error.js';
import { HASH_SIZE_BYTES } from './hashing.js';
import { UINT64_MAX } from './text.js';

/** Hashes in a full tile and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Tree levels that one tile spans: 2^8 = 256. */
export const TILE_HEIGHT = 8;
/** A tree of 64-bit size needs levels 0 to 7; the path format allows up to 63. */
const TILE_LEVEL_MAX = 63;
const PATH_SIZE_MAX_CHARACTERS = 100;

/** `width` hashes (1 to 256) of the tile's level, the first of them number `index` · 256. */
export type TileId = {
  readonly level: number;
  readonly index: bigint;
  readonly width: number;
};

export type BundleId = Omit<TileId, 'level'>;

export type LedgerPath =
  ({ readonly kind: 'tile' } & TileId) | ({ readonly kind: 'entries' } & BundleId);

export type Tile = { readonly id: TileId; readonly bytes: Uint8Array };

/** Where tiles are read. Rejects, or answers bytes of another length, for what it does not have. */
export type TileSource = { readonly tile: (id: TileId) => Promise<Uint8Array> };

/** `tile/<L>/<N>[.p/<W>]`. Throws `tile.malformed` for a tile that cannot be. */
export function tilePath({ level, index, width }: TileId): string {
  if (!Number.isInteger(level) || level < 0 || level > TILE_LEVEL_MAX) {
    throw new MerkleError('tile.malformed', `no tile has the level ${level}`);
  }
  return `tile/${level}/${indexPath(index)}${widthPath(width)}`;
}

/** `tile/entries/<N>[.p/<W>]`. Throws `tile.malformed` for a bundle that cannot be. */
export function entriesPath({ index, width }: BundleId): string {
  return `tile/entries/${indexPath(index)}${widthPath(width)}`;
}

const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** What lies at a path of a log, or undefined where C2SP tlog-tiles knows no such path. */
export function parseLedgerPath(path: string): LedgerPath | undefined {
  if (path.length > PATH_SIZE_MAX_CHARACTERS) return undefined;
  const [, kind, elements = '', partial] = PATH.exec(path) ?? [];
  if (kind === undefined) return undefined;
  const index = BigInt(elements.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (index > UINT64_MAX || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  const parsed: LedgerPath =
    kind === 'entries'
      ? { kind: 'entries', index, width }
      : { kind: 'tile', level: Number(kind), index, width };
  // An index has one spelling; `x000/001` is not it.
  return pathOf(parsed) === path ? parsed : undefined;
}

function pathOf(parsed: LedgerPath): string | undefined {
  if (parsed.kind === 'entries') return entriesPath(parsed);
  return parsed.level <= TILE_LEVEL_MAX ? tilePath(parsed) : undefined;
}

/** Every tile of a tree of that size: level by level, full ones before the partial one. */
export function* tilesOf(size: bigint): Generator<TileId> {
  for (let level = 0, hashes = size; hashes > 0n; level += 1, hashes >>= BigInt(TILE_HEIGHT)) {
    const full = hashes / BigInt(TILE_WIDTH);
    for (let index = 0n; index < full; index += 1n) yield { level, index, width: TILE_WIDTH };
    const width = Number(hashes % BigInt(TILE_WIDTH));
    if (width > 0) yield { level, index: full, width };
  }
}

/** The partial tiles of a tree of that size, lowest level first. */
export function rightEdgeOf(size: bigint): readonly TileId[] {
  const edge: TileId[] = [];
  for (let level = 0, hashes = size; hashes > 0n; level += 1, hashes >>= BigInt(TILE_HEIGHT)) {
    const width = Number(hashes % BigInt(TILE_WIDTH));
    if (width > 0) edge.push({ level, index: hashes / BigInt(TILE_WIDTH), width });
  }
  return edge;
}

/** Reads a tile and refuses one of another length: `tile.malformed`. */
export async function readTile(tiles: TileSource, id: TileId): Promise<Uint8Array> {
  const bytes = await tiles.tile(id);
  if (bytes.length !== id.width * HASH_SIZE_BYTES) {
    throw new MerkleError('tile.malformed', `${tilePath(id)} has ${bytes.length} bytes`);
  }
  return bytes;
}

function indexPath(index: bigint): string {
  if (index < 0n || index > UINT64_MAX) {
    throw new MerkleError('tile.malformed', `no tile has the index ${index}`);
  }
  const digits = index.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const triples = padded.match(/.{3}/g) ?? [];
  return triples.map((triple, at) => (at < triples.length - 1 ? `x${triple}` : triple)).join('/');
}

function widthPath(width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new MerkleError('tile.malformed', `no tile has ${width} hashes`);
  }
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
