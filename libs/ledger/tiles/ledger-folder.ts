import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLeaf, type PublicLedger } from '#evidence';
import { parseLedgerPath, TILE_WIDTH } from '#merkle';
import type { Position } from '#kernel';
import { codeOf, folderUnavailable, writeDurably, writeWhole } from '../durable-files.js';
import { readCheckpoint, type SignedCheckpoint } from '../signed-checkpoint.js';
import type { LedgerFile } from './growing-tree.js';
import { IdIndex, IDS_PENDING_MAX } from './id-index.js';
import { readBundle } from './tile-source.js';

/** Where the latest signed checkpoint lies (C2SP tlog-tiles). */
export const CHECKPOINT_PATH = 'checkpoint';
/** The latest checkpoint that at least one witness cosigned; often the same as the latest. */
export const COSIGNED_PATH = 'cosigned';
const STATE_FILE = 'state.json';
const DAY = /^checkpoints\/\d{4}-\d{2}-\d{2}$/;
const TIME = /^time\/(?:0|[1-9]\d{0,19})\.(?:note|tsr)$/;
/** Days that are listed at once: ten years. */
const DAYS_MAX = 4_000;

/** What the folder says of itself: private, and checked before it is used. */
export type FolderState = {
  readonly v: 1;
  readonly size: number;
  /** Of the event that is the last leaf. */
  readonly position: Position;
  /** Leaves whose ids are in the index for sure. */
  readonly indexedSize: number;
};

/** Whether a path is one of the ledger's public files. State, index and whatever else lies there are not. */
export function isPublicPath(path: string): boolean {
  if (path === CHECKPOINT_PATH || path === COSIGNED_PATH) return true;
  return DAY.test(path) || TIME.test(path) || parseLedgerPath(path) !== undefined;
}

/**
 * The ledger as files: C2SP tlog-tiles below one folder. Reads only what is public; anybody may
 * read beside the one that writes, as every file appears whole.
 */
export class LedgerFolder implements PublicLedger {
  readonly ids: IdIndex;

  constructor(readonly directory: string) {
    this.ids = new IdIndex(directory);
  }

  /** A public file by its path; undefined when there is none. @throws LedgerError */
  async read(path: string): Promise<Uint8Array | undefined> {
    return isPublicPath(path) ? await this.#file(path) : undefined;
  }

  /** As {@link read}, at once, and into the room where the file fits. @throws LedgerError */
  readNow(path: string, room: Uint8Array): Uint8Array | undefined {
    if (!isPublicPath(path)) return undefined;
    try {
      return readInto(room, join(this.directory, path));
    } catch (error) {
      return absentOrThrow(error);
    }
  }

  /** The checkpoint as it was last published, its signature unseen. @throws MerkleError, LedgerError */
  async checkpoint(
    path: typeof CHECKPOINT_PATH | typeof COSIGNED_PATH = CHECKPOINT_PATH,
  ): Promise<SignedCheckpoint | undefined> {
    const bytes = await this.read(path);
    return bytes && readCheckpoint(Buffer.from(bytes).toString('utf8'));
  }

  /** Days (`2026-11-22`) for which a last note is kept, oldest first. */
  async days(): Promise<readonly string[]> {
    const names = await this.#namesIn('checkpoints');
    return names
      .filter((name) => DAY.test(`checkpoints/${name}`))
      .toSorted()
      .slice(-DAYS_MAX);
  }

  /** Size of the largest checkpoint that a time token was had for; undefined when none was. */
  async lastStamped(): Promise<bigint | undefined> {
    const names = await this.#namesIn('time');
    const sizes = names
      .filter((name) => name.endsWith('.note') && TIME.test(`time/${name}`))
      .map((name) => BigInt(name.slice(0, -'.note'.length)));
    return sizes.reduce<bigint | undefined>(
      (largest, size) => (largest === undefined || size > largest ? size : largest),
      undefined,
    );
  }

  async #namesIn(folder: string): Promise<readonly string[]> {
    try {
      return await readdir(join(this.directory, folder));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw folderUnavailable(error);
    }
  }

  /** Takes partial tiles away whose full ones are there. @throws LedgerError */
  async removeSuperseded(folders: readonly string[]): Promise<void> {
    const options = { recursive: true, force: true };
    try {
      await Promise.all(folders.map((folder) => rm(join(this.directory, folder), options)));
    } catch (error) {
      throw folderUnavailable(error);
    }
  }

  /** Public files, durably. @throws LedgerError `ledger.folder-unavailable` */
  async writePublic(files: readonly LedgerFile[]): Promise<void> {
    await writeDurably(
      files.map(({ path, bytes }) => ({ path: join(this.directory, path), bytes })),
    );
  }

  /** Adds the events of these leaves to the index by id, from their entries. */
  async indexEntries(from: bigint, size: bigint): Promise<void> {
    const width = BigInt(TILE_WIDTH);
    for (let bundle = from / width; bundle * width < size; bundle += 1n) {
      const entries = await readBundle(this, bundle, size);
      for (const [at, entry] of entries.entries()) {
        const index = Number(bundle * width) + at;
        if (index >= Number(from)) this.ids.add(parseLeaf(entry).id, index);
      }
      if (this.ids.pendingCount >= IDS_PENDING_MAX) this.ids.flush();
    }
    this.ids.flush();
  }

  /** Undefined when there is none, or none that makes sense: then it is found out anew. */
  async state(): Promise<FolderState | undefined> {
    const bytes = await this.#file(STATE_FILE);
    try {
      const state: unknown = bytes && JSON.parse(Buffer.from(bytes).toString('utf8'));
      return isState(state) ? state : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  writeState(state: FolderState): void {
    const bytes = Buffer.from(`${JSON.stringify(state)}\n`);
    writeWhole({ path: join(this.directory, STATE_FILE), bytes });
  }

  async #file(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.directory, path));
    } catch (error) {
      return absentOrThrow(error);
    }
  }
}

/** The whole file: a part of the room, where it leaves some over. */
function readInto(room: Uint8Array, path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    let length = 0;
    while (length < room.length) {
      const read = readSync(file, room, length, room.length - length, null);
      if (read === 0) return room.subarray(0, length);
      length += read;
    }
  } finally {
    closeSync(file);
  }
  return readFileSync(path);
}

/** No such file is no failure. @throws LedgerError `ledger.folder-unavailable` for any other one */
function absentOrThrow(error: unknown): undefined {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
  throw folderUnavailable(error);
}

function isState(value: unknown): value is FolderState {
  if (typeof value !== 'object' || value === null) return false;
  const { v, size, position, indexedSize } = value as Readonly<Record<string, unknown>>;
  return (
    v === 1 &&
    Number.isSafeInteger(size) &&
    Number.isSafeInteger(indexedSize) &&
    typeof position === 'string'
  );
}
