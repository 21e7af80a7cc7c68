import type { PublicLedger } from '#evidence';
import { decodeEntries, entriesPath, TILE_WIDTH, tilePath, type TileSource } from '#merkle';
import { LedgerError } from '../ledger-error.js';

const HASH_SIZE_BYTES = 32;

/**
 * The tiles of a ledger as proofs read them. A partial tile may be gone once the full one is there
 * (C2SP tlog-tiles, Partial Tiles): then its hashes are the first ones of that.
 */
export function tileSourceOf(ledger: PublicLedger): TileSource {
  return {
    tile: async (id) => {
      const exact = await ledger.read(tilePath(id));
      if (exact) return exact;
      const full =
        id.width < TILE_WIDTH && (await ledger.read(tilePath({ ...id, width: TILE_WIDTH })));
      if (full) return full.subarray(0, id.width * HASH_SIZE_BYTES);
      throw new LedgerError('ledger.damaged', `${tilePath(id)} is missing`);
    },
  };
}

/** How many hashes the tile of a level with this index has in a tree of this size. */
function widthIn(size: bigint, bundle: bigint): number {
  const left = size - bundle * BigInt(TILE_WIDTH);
  return left >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(left);
}

/** The entries of one bundle as a tree of this size has them. @throws LedgerError `ledger.damaged` */
export async function readBundle(
  ledger: PublicLedger,
  bundle: bigint,
  size: bigint,
): Promise<readonly Uint8Array[]> {
  const width = widthIn(size, bundle);
  const path = entriesPath({ index: bundle, width });
  const bytes =
    (await ledger.read(path)) ??
    (await ledger.read(entriesPath({ index: bundle, width: TILE_WIDTH })));
  if (!bytes) throw new LedgerError('ledger.damaged', `${path} is missing`);
  const entries = decodeEntries(bytes);
  if (entries.length < width) throw new LedgerError('ledger.damaged', `${path} is too short`);
  return entries.slice(0, width);
}

/** One entry of a tree of this size. @throws LedgerError `ledger.damaged` */
export async function readEntry(
  ledger: PublicLedger,
  index: bigint,
  size: bigint,
): Promise<Uint8Array> {
  const width = BigInt(TILE_WIDTH);
  const entries = await readBundle(ledger, index / width, size);
  const entry = entries[Number(index % width)];
  if (!entry) throw new LedgerError('ledger.damaged', `the entry of leaf ${index} is missing`);
  return entry;
}
