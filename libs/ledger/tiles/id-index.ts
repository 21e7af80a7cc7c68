import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, folderUnavailable } from '../durable-files.js';

/** 16 bytes of the id, then the index as a big-endian uint64. */
const RECORD_SIZE_BYTES = 24;
const ID_SIZE_BYTES = 16;
const FILES_COUNT = 256;
/** Ids that are held back, so that the files are opened once for many: 64 a file, as ids are even. */
export const IDS_PENDING_MAX = 16_384;

/**
 * Which leaf an event is, by its id: files that only grow. Derived, so never synced and never
 * believed: what it says is checked against the entry, and it is made again from entries.
 */
export class IdIndex {
  readonly #directory: string;
  #pending: { readonly id: string; readonly index: number }[] = [];
  /** Where the last run of indexes without a gap begins. */
  #heldFrom = 0;

  constructor(ledgerDirectory: string) {
    this.#directory = join(ledgerDirectory, 'ids');
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** The leaves, from one up to but not including another, of which every id is held back here. */
  get held(): { readonly from: number; readonly to: number } {
    const [first, last] = [this.#pending[0], this.#pending.at(-1)];
    if (!first || !last) return { from: 0, to: 0 };
    return { from: Math.max(this.#heldFrom, first.index), to: last.index + 1 };
  }

  add(id: string, index: number): void {
    if (this.#pending.at(-1)?.index !== index - 1) this.#heldFrom = index;
    this.#pending.push({ id, index });
  }

  /**
   * Writes what was held back of the leaves below an index, all of them unless told.
   * @throws LedgerError `ledger.folder-unavailable`
   */
  flush(below = Number.POSITIVE_INFINITY): void {
    const pending = this.#pending.filter(({ index }) => index < below);
    if (pending.length === 0) return;
    this.#pending = this.#pending.filter(({ index }) => index >= below);
    const byFile = new Map<string, Buffer[]>();
    for (const one of pending) {
      const name = one.id.slice(0, 2);
      const records = byFile.get(name);
      if (records) records.push(recordOf(one));
      else byFile.set(name, [recordOf(one)]);
    }
    try {
      mkdirSync(this.#directory, { recursive: true });
      // At once: waiting for each of 256 files took as many turns of the event loop, 10 s under load.
      for (const [name, records] of byFile) {
        appendFileSync(join(this.#directory, name), Buffer.concat(records));
      }
    } catch (error) {
      throw folderUnavailable(error);
    }
  }

  /**
   * Cuts records off that a crash left half written: what comes after them could not be read. What is
   * held back is forgotten, to be read again. Answers how many records there are.
   * @throws LedgerError `ledger.folder-unavailable`
   */
  repair(): number {
    this.#pending = [];
    let count = 0;
    for (let file = 0; file < FILES_COUNT; file += 1) {
      const path = join(this.#directory, file.toString(16).padStart(2, '0'));
      try {
        const { size } = statSync(path);
        const excess = size % RECORD_SIZE_BYTES;
        count += (size - excess) / RECORD_SIZE_BYTES;
        if (excess > 0) truncateSync(path, size - excess);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw folderUnavailable(error);
      }
    }
    return count;
  }

  /** Forgets everything, to be filled anew. @throws LedgerError `ledger.folder-unavailable` */
  clear(): void {
    this.#pending = [];
    try {
      rmSync(this.#directory, { recursive: true, force: true });
    } catch (error) {
      throw folderUnavailable(error);
    }
  }

  /** Where the event may be, latest first; as good as a hint. */
  async find(id: string): Promise<readonly number[]> {
    const found = this.#pending.filter((one) => one.id === id).map(({ index }) => index);
    const stored = await this.#stored(id);
    return [...new Set([...found, ...stored])].toReversed();
  }

  async #stored(id: string): Promise<readonly number[]> {
    const wanted = Buffer.from(id.replaceAll('-', ''), 'hex');
    const found: number[] = [];
    try {
      const bytes = await readFile(join(this.#directory, id.slice(0, 2)));
      for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
        const isRecord = at % RECORD_SIZE_BYTES === 0 && at + RECORD_SIZE_BYTES <= bytes.length;
        if (isRecord) found.push(Number(bytes.readBigUInt64BE(at + ID_SIZE_BYTES)));
      }
      return found;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw folderUnavailable(error);
    }
  }
}

function recordOf({ id, index }: { readonly id: string; readonly index: number }): Buffer {
  const record = Buffer.alloc(RECORD_SIZE_BYTES);
  record.write(id.replaceAll('-', ''), 0, ID_SIZE_BYTES, 'hex');
  record.writeBigUInt64BE(BigInt(index), ID_SIZE_BYTES);
  return record;
}
