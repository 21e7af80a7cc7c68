import { join } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { CanonicalJson, NewEvent, Position, StoredEvent } from '#kernel';
import {
  Arrivals,
  checkAppend,
  checkMark,
  checkMarkName,
  EventStore,
  followPages,
  pageSizeOf,
  pause,
  readCountOf,
  StoreUnavailable,
  type Appended,
  type ExpectedMark,
  type ExpectedRevision,
  type FollowedPage,
  type FollowOptions,
  type Mark,
  type PageRead,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '#event-store/port';
import { makeDirectory } from './data-directory.js';
import { translated } from './driver-errors.js';
import { GroupCommit } from './group-commit.js';
import { backupLog, integrityProblems, sizeBytesOf, type LogBackup } from './log-backup.js';
import { openForReading, openForWriting } from './log-format.js';
import { LogReader, numberOfPosition } from './log-reader.js';
import { LogWriter } from './log-writer.js';
import { MarkTable } from './mark-table.js';
import { takeWriterLock, type WriterLock } from './writer-lock.js';

const LOG_FILE = 'log.sqlite';
/** A reader beside the writer looks again after so long: quickly while events come, then slower. */
const POLL_DELAY_MIN_MS = 2;
const POLL_DELAY_MAX_MS = 25;

export type SqliteOptions = {
  /** Made when absent and the mode is `write`. */
  readonly directory: string;
  /** `write` takes the one writer's lock; `read` works beside it, and appends are refused. */
  readonly mode: 'read' | 'write';
  /** For fault tests: runs each COMMIT, and may throw before or after it. */
  readonly commit?: (run: () => void) => void;
};

export type LogSizes = { readonly logBytes: number; readonly writeAheadBytes: number };

type Writing = { readonly lock: WriterLock; readonly group: GroupCommit };

/**
 * The event log in one SQLite file, for one writing process and any number of reading ones.
 * An append that resolved is synced. Calls are answered in the turn they are handled: a page of
 * reading or a commit blocks the thread for its time.
 */
export class SqliteEventStore extends EventStore {
  readonly #arrivals = new Arrivals();
  readonly #reader: LogReader;
  readonly #marks: MarkTable;
  /** Ends the followers when the store closes. */
  readonly #closing = new AbortController();
  readonly #writing: Writing | undefined;

  private constructor(
    /** The log's file. */
    readonly path: string,
    private readonly database: DatabaseSyncInstance,
    open: { readonly lock: WriterLock; readonly commit: (run: () => void) => void } | undefined,
  ) {
    super();
    this.#reader = new LogReader(database);
    this.#marks = new MarkTable(database);
    if (!open) return;
    const writer = new LogWriter(database, open.commit);
    const group = new GroupCommit(writer, () => this.#arrivals.announce());
    this.#writing = { lock: open.lock, group };
  }

  /**
   * @throws StoreLocked another process writes; names its pid and since when.
   * @throws StoreFormatUnknown the file is of a newer format, or not ours.
   * @throws StoreUnavailable no rights, no space, or (mode `read`) no log there yet.
   */
  static async open({ directory, mode, commit }: SqliteOptions): Promise<SqliteEventStore> {
    const path = join(directory, LOG_FILE);
    if (mode === 'read') return new SqliteEventStore(path, openForReading(path), undefined);
    makeDirectory(directory);
    const lock = takeWriterLock(directory);
    try {
      const database = openForWriting(path);
      return new SqliteEventStore(path, database, { lock, commit: commit ?? ((run) => run()) });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  override async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const sizeBytes = checkAppend(stream, expected, events);
    return this.#group().append({ stream, expected, events, sizeBytes });
  }

  override async readStream(
    stream: string,
    { direction = 'forwards', from, to, limit }: ReadStreamOptions = {},
  ): Promise<readonly StoredEvent[]> {
    const [lowest, highest] = direction === 'forwards' ? [from, to] : [to, from];
    const range = {
      direction,
      first: lowest ?? 0,
      last: highest ?? Number.MAX_SAFE_INTEGER,
      limit: readCountOf(limit),
    };
    return this.#read(() => this.#reader.stream(stream, range));
  }

  override async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly StoredEvent[]> {
    const pageSize = pageSizeOf(options.pageSize);
    const last =
      options.to === undefined
        ? this.#read(() => this.#reader.head())
        : numberOfPosition(options.to);
    let next = firstOf(options);
    while (next <= last) {
      const page = this.#read(() => this.#reader.page(next, last, pageSize));
      if (page.length > 0) yield page;
      // Positions are dense, so that a short page is the end of what is stored.
      if (page.length < pageSize) return;
      next += page.length;
    }
  }

  override follow(options: FollowOptions): AsyncGenerator<FollowedPage> {
    this.#refuseClosed();
    const size = pageSizeOf(options.pageSize);
    const ended = AbortSignal.any([options.signal, this.#closing.signal]);
    return followPages(
      {
        readPage: (from) => this.#pageAfter(from, size),
        wait: (from) => (this.#writing ? this.#arrivals.next(ended) : this.#poll(from, ended)),
      },
      { ...options, signal: ended },
    );
  }

  override async head(): Promise<Position | undefined> {
    const head = this.#read(() => this.#reader.head());
    return head < 0 ? undefined : String(head);
  }

  override async countUpTo(position: Position): Promise<number> {
    const head = this.#read(() => this.#reader.head());
    return Math.min(numberOfPosition(position), head) + 1;
  }

  override async readMark(name: string): Promise<Mark | undefined> {
    checkMarkName(name);
    return this.#read(() => this.#marks.read(name));
  }

  override async writeMark(
    name: string,
    value: CanonicalJson,
    expected: ExpectedMark,
  ): Promise<number> {
    checkMark(name, value, expected);
    const { markRevision } = await this.#group().mark({ mark: name, value, expected });
    return markRevision;
  }

  /** Commits what waits, ends the followers, frees the lock. Closing twice is the same as once. */
  override async close(): Promise<void> {
    if (!this.database.isOpen) return;
    this.#writing?.group.flush();
    try {
      this.database.close();
    } finally {
      this.#writing?.lock.release();
      this.#closing.abort();
    }
  }

  /**
   * Copies the log to a file as it is at one moment, while appends go on.
   * @throws StoreUnavailable
   */
  async backupTo(file: string): Promise<LogBackup> {
    this.#refuseClosed();
    return backupLog(this.path, file);
  }

  /** What is wrong with the log, in words; empty when it is sound. Reads all of it, blocking. */
  async integrity(): Promise<readonly string[]> {
    return this.#read(() => integrityProblems(this.database));
  }

  /** Bytes on disk. */
  sizes(): LogSizes {
    return {
      logBytes: sizeBytesOf(this.path),
      writeAheadBytes: sizeBytesOf(`${this.path}-wal`),
    };
  }

  #pageAfter(after: Position | undefined, pageSize: number): PageRead {
    const first = firstAfter(after);
    const events = this.#read(() => {
      return this.#reader.page(first, Number.MAX_SAFE_INTEGER, pageSize);
    });
    const atHead =
      events.length < pageSize || this.#read(() => this.#reader.head()) < first + pageSize;
    return { events, atHead };
  }

  /** Another process writes: there is nothing to be woken by, so look, seldom enough to be cheap. */
  async #poll(after: Position | undefined, signal: AbortSignal): Promise<void> {
    const first = firstAfter(after);
    let delayMs = POLL_DELAY_MIN_MS;
    while (!signal.aborted && !this.#mayHoldFrom(first)) {
      await pause(delayMs, signal);
      delayMs = Math.min(delayMs * 2, POLL_DELAY_MAX_MS);
    }
  }

  #mayHoldFrom(position: number): boolean {
    try {
      return this.#reader.head() >= position;
    } catch {
      // The page that is read next meets the same fault, and knows how to deal with it.
      return true;
    }
  }

  #group(): GroupCommit {
    this.#refuseClosed();
    if (!this.#writing) throw new StoreUnavailable('the event store is open for reading only');
    return this.#writing.group;
  }

  #read<Result>(work: () => Result): Result {
    this.#refuseClosed();
    return translated('the event log cannot be read', work);
  }

  #refuseClosed(): void {
    if (!this.database.isOpen) throw new StoreUnavailable('the event store is closed');
  }
}

function firstOf({ from, after }: ReadAllOptions): number {
  return from === undefined ? firstAfter(after) : numberOfPosition(from);
}

function firstAfter(position: Position | undefined): number {
  return position === undefined ? 0 : numberOfPosition(position) + 1;
}
