import { EntryBundle, LENGTH_SIZE_BYTES } from './entry-bundle.js';
import { MerkleError } from './merkle-error.js';
import { TILE_WIDTH } from './tile.js';

/** What a big-endian uint16 can say (C2SP tlog-tiles, "Log entries"). */
export const ENTRY_SIZE_MAX_BYTES = 65_535;

/** A bundle of 1 to 256 entries. Throws `entries.malformed` for what no bundle can hold. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > TILE_WIDTH) {
    throw new MerkleError('entries.malformed', `a bundle cannot hold ${entries.length} entries`);
  }
  const size = entries.reduce((sum, entry) => sum + LENGTH_SIZE_BYTES + entry.length, 0);
  const bundle = new Uint8Array(size);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_SIZE_MAX_BYTES) {
      throw new MerkleError('entries.malformed', `an entry of ${entry.length} bytes is too large`);
    }
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + LENGTH_SIZE_BYTES);
    at += LENGTH_SIZE_BYTES + entry.length;
  }
  return bundle;
}

/**
 * The 1 to 256 entries of a bundle, as views of its bytes. Throws `entries.malformed` where the
 * last entry is cut short, or where there are none or too many.
 */
export function decodeEntries(bundle: Uint8Array): readonly Uint8Array[] {
  return EntryBundle.decode(bundle).entries();
}
