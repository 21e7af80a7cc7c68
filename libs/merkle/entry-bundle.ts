import { MerkleError } from './merkle-error.js';
import { TILE_WIDTH } from './tile.js';

/** Each entry follows its length, a big-endian uint16 (C2SP tlog-tiles, "Log entries"). */
export const LENGTH_SIZE_BYTES = 2;

/**
 * The 1 to 256 entries of a bundle where they lie in its bytes. Nothing is copied, and no view is
 * made before an entry is asked for: for a verifier of a million entries both cost as much as a hash.
 */
export class EntryBundle {
  private constructor(
    /** The bundle as it was read, lengths and all. */
    readonly bytes: Uint8Array,
    /** Where each entry begins, and at last where one more would. */
    private readonly starts: Uint32Array,
    readonly width: number,
  ) {}

  /**
   * Throws `entries.malformed` where the last entry is cut short, or where there are none or too many.
   */
  static decode(bundle: Uint8Array): EntryBundle {
    const starts = new Uint32Array(TILE_WIDTH + 1);
    let width = 0;
    let at = 0;
    for (; at < bundle.length; width += 1) {
      const start = at + LENGTH_SIZE_BYTES;
      const end = start + ((bundle[at] ?? 0) << 8) + (bundle[at + 1] ?? 0);
      if (end > bundle.length || width === TILE_WIDTH) {
        throw new MerkleError('entries.malformed', `the bundle goes wrong at byte ${at}`);
      }
      starts[width] = start;
      at = end;
    }
    if (width === 0) throw new MerkleError('entries.malformed', 'the bundle is empty');
    starts[width] = at + LENGTH_SIZE_BYTES;
    // Loops over bytes are quickest where all are of one class, and Node's files come as Buffers.
    const bytes = new Uint8Array(bundle.buffer, bundle.byteOffset, bundle.length);
    return new EntryBundle(bytes, starts, width);
  }

  /** Offset of an entry's first byte. */
  start(at: number): number {
    return this.starts[at] ?? this.bytes.length;
  }

  /** Offset behind an entry's last byte. */
  end(at: number): number {
    return this.start(at + 1) - LENGTH_SIZE_BYTES;
  }

  /** An entry, as a view of the bundle's bytes. */
  entry(at: number): Uint8Array {
    return this.bytes.subarray(this.start(at), this.end(at));
  }

  /** All entries, as views of the bundle's bytes. */
  entries(): readonly Uint8Array[] {
    return Array.from({ length: this.width }, (_, at) => this.entry(at));
  }

  /** A bundle with bytes of its own, for whoever keeps it while those that were read are used again. */
  copy(): EntryBundle {
    return new EntryBundle(this.bytes.slice(), this.starts, this.width);
  }

  /** A bundle of the first entries alone; of all where there are not more. */
  first(width: number): EntryBundle {
    return width >= this.width ? this : new EntryBundle(this.bytes, this.starts, width);
  }
}
