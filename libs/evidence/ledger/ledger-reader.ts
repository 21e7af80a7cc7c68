import { EntryBundle, entriesPath, HASH_SIZE_BYTES, TILE_WIDTH, tilePath } from '#merkle';
import type { PublicLedger } from '../event-record.js';

/** Bundles that are asked for before they are needed, so that a far ledger is not waited for. */
const READ_AHEAD_BUNDLES = 16;
/** After so many bundles read at once one is waited for, so that others in the process have a turn. */
const READ_AT_ONCE_BUNDLES = 16;
/** Room for the bundles and tiles that are read at once; a larger file is read beside it. */
const [BUNDLE_ROOM_BYTES, TILE_ROOM_BYTES] = [1 << 20, 1 << 14] as const;
/**
 * The system keeps files by whole pages. To copy them to where a page begins too takes some
 * processors seven times as long as to copy them to a place beside that.
 */
const BESIDE_PAGE_BYTES = 64;

type Rooms = { readonly bundle: Uint8Array; readonly tile: Uint8Array };

const roomOf = (bytes: number): Uint8Array =>
  new Uint8Array(BESIDE_PAGE_BYTES + bytes).subarray(BESIDE_PAGE_BYTES);

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
  #rooms: Rooms | undefined;

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

  /** @param room to read it into at once; what is answered stands until the room is used again */
  async tile(level: number, number: number, room?: Uint8Array): Promise<Found<Uint8Array>> {
    const width = this.#widthOf(level, number);
    const id = { level, index: BigInt(number), width };
    const paths = [tilePath(id), tilePath({ ...id, width: TILE_WIDTH })] as const;
    const found = await this.#read(paths, room);
    if (found.content === undefined) return found;
    const expected = found.isFull ? TILE_WIDTH : width;
    if (found.content.length !== expected * HASH_SIZE_BYTES) {
      return useless(found.path, `it has ${found.content.length} bytes, not ${expected} hashes`);
    }
    return { content: found.content.subarray(0, width * HASH_SIZE_BYTES), path: found.path };
  }

  async #bundle(number: number, room: Uint8Array | undefined): Promise<Found<EntryBundle>> {
    const width = this.#widthOf(0, number);
    const id = { index: BigInt(number), width };
    const paths = [entriesPath(id), entriesPath({ ...id, width: TILE_WIDTH })] as const;
    const found = await this.#read(paths, room);
    if (found.content === undefined) return found;
    const entries = maybeBundle(found.content);
    if (!entries) return useless(found.path, 'it is no sequence of entries with their lengths');
    const expected = found.isFull ? TILE_WIDTH : width;
    if (entries.width !== expected) {
      return useless(found.path, `it holds ${entries.width} entries, not ${expected}`);
    }
    return { content: entries.first(width), path: found.path };
  }

  /**
   * Every bundle with its level-0 tile, in order; some are read ahead. Their bytes stand until the
   * next bundle is asked for: whoever needs them longer copies them.
   */
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
    const rooms = number % READ_AT_ONCE_BUNDLES > 0 ? this.#roomsForReadingAtOnce() : undefined;
    const [entries, tile] = await Promise.all([
      this.#bundle(number, rooms?.bundle),
      this.tile(0, number, rooms?.tile),
    ]);
    return { number, width: this.#widthOf(0, number), entries, tile };
  }

  #widthOf(level: number, number: number): number {
    return Math.min(TILE_WIDTH, this.hashesAt(level) - number * TILE_WIDTH);
  }

  #roomsForReadingAtOnce(): Rooms | undefined {
    if (!this.ledger.readNow) return undefined;
    this.#rooms ??= { bundle: roomOf(BUNDLE_ROOM_BYTES), tile: roomOf(TILE_ROOM_BYTES) };
    return this.#rooms;
  }

  /** Whoever serves a log may throw a partial tile away once the full one is there (C2SP tlog-tiles). */
  async #read(
    [path, fullPath]: readonly [string, string],
    room: Uint8Array | undefined,
  ): Promise<Found<Uint8Array> & { isFull?: true }> {
    const { ledger } = this;
    const content = ledger.readNow && room ? ledger.readNow(path, room) : await ledger.read(path);
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
