import { EntryBundle, entriesPath, HASH_SIZE_BYTES, TILE_WIDTH, tilePath } from '#merkle';
import type { PublicLedger } from '../event-record.js';

/** Bundles that are asked for before they are needed, so that a far ledger is not waited for. */
const READ_AHEAD_BUNDLES = 16;
/** After so many bundles read at once one is waited for, so that others in the process have a turn. */
const READ_AT_ONCE_BUNDLES = 16;

/** A file of the ledger, or why it is of no use. */
export type Found<Content> =
  | { readonly content: Content; readonly path: string }
  | { readonly content: undefined; readonly path: string; readonly reason: string };

export type BundleFiles = {
  /** Number of the level-0 tile and of the bundle. */
  readonly number: number;
  readonly width: number;
  readonly entries: Found<EntryBundle>;
  /** `width` hashes of the level-0 tile. */
  readonly tile: Found<Uint8Array>;
};

/** Reads tiles and entry bundles of a tree of one size. */
export class LedgerReader {
  #isAtOnce = false;

  constructor(
    private readonly ledger: PublicLedger,
    readonly size: number,
  ) {}

  /** How many hashes a level has: a level above 0 only those of full tiles below. */
  hashesAt(level: number): number {
    return Math.floor(this.size / TILE_WIDTH ** level);
  }

  /** The levels that have tiles, from 0. */
  get levels(): number {
    let level = 0;
    while (this.hashesAt(level) > 0) level += 1;
    return level;
  }

  async tile(level: number, number: number): Promise<Found<Uint8Array>> {
    const width = this.#widthOf(level, number);
    const id = { level, index: BigInt(number), width };
    const found = await this.#read(tilePath(id), tilePath({ ...id, width: TILE_WIDTH }));
    if (found.content === undefined) return found;
    const expected = found.isFull ? TILE_WIDTH : width;
    if (found.content.length !== expected * HASH_SIZE_BYTES) {
      return useless(found.path, `it has ${found.content.length} bytes, not ${expected} hashes`);
    }
    return { content: found.content.subarray(0, width * HASH_SIZE_BYTES), path: found.path };
  }

  async bundle(number: number): Promise<Found<EntryBundle>> {
    const width = this.#widthOf(0, number);
    const id = { index: BigInt(number), width };
    const found = await this.#read(entriesPath(id), entriesPath({ ...id, width: TILE_WIDTH }));
    if (found.content === undefined) return found;
    const entries = maybeBundle(found.content);
    if (!entries) return useless(found.path, 'it is no sequence of entries with their lengths');
    const expected = found.isFull ? TILE_WIDTH : width;
    if (entries.width !== expected) {
      return useless(found.path, `it holds ${entries.width} entries, not ${expected}`);
    }
    return { content: entries.first(width), path: found.path };
  }

  /** Every bundle with its level-0 tile, in order; some are read ahead. */
  async *bundles(): AsyncGenerator<BundleFiles> {
    const count = Math.ceil(this.size / TILE_WIDTH);
    // What is read at once is best hashed at once too, while the processor has it at hand.
    const ahead = this.ledger.readNow ? 1 : READ_AHEAD_BUNDLES;
    const reading: Promise<Outcome<BundleFiles>>[] = [];
    for (let number = 0; number < count; number += 1) {
      while (reading.length < ahead && number + reading.length < count) {
        reading.push(settled(this.#bundleFiles(number + reading.length)));
      }
      const outcome = await reading.shift();
      if (outcome && 'error' in outcome) throw outcome.error;
      if (outcome) yield outcome.value;
    }
  }

  async #bundleFiles(number: number): Promise<BundleFiles> {
    this.#isAtOnce = number % READ_AT_ONCE_BUNDLES > 0;
    const [entries, tile] = await Promise.all([this.bundle(number), this.tile(0, number)]);
    return { number, width: this.#widthOf(0, number), entries, tile };
  }

  #widthOf(level: number, number: number): number {
    return Math.min(TILE_WIDTH, this.hashesAt(level) - number * TILE_WIDTH);
  }

  /** Whoever serves a log may throw a partial tile away once the full one is there (C2SP tlog-tiles). */
  async #read(path: string, fullPath: string): Promise<Found<Uint8Array> & { isFull?: true }> {
    const { ledger } = this;
    const content =
      ledger.readNow && this.#isAtOnce ? ledger.readNow(path) : await ledger.read(path);
    if (content !== undefined) return { content, path };
    const full = path === fullPath ? undefined : await ledger.read(fullPath);
    if (full !== undefined) return { content: full, path: fullPath, isFull: true };
    return useless(path, 'it is missing');
  }
}

type Outcome<Value> = { readonly value: Value } | { readonly error: unknown };

/** What is read ahead may fail before anybody waits for it; the failure is kept until somebody does. */
async function settled<Value>(reading: Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await reading };
  } catch (error) {
    return { error };
  }
}

function useless(path: string, reason: string): Found<never> {
  return { content: undefined, path, reason };
}

function maybeBundle(bytes: Uint8Array): EntryBundle | undefined {
  try {
    return EntryBundle.decode(bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'entries.malformed') {
      return undefined;
    }
    throw error;
  }
}
