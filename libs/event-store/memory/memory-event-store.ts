import {
  comparePositions,
  type CanonicalJson,
  type NewEvent,
  type Position,
  type StoredEvent,
} from '#kernel';
import {
  AppendUnknown,
  checkAppend,
  checkMark,
  checkMarkName,
  EventStore,
  followPages,
  judgeAppend,
  judgeMark,
  pageSizeOf,
  readCountOf,
  StoreUnavailable,
  WrongExpectedRevision,
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
import { MemoryLog } from './memory-log.js';

export type MemoryOptions = {
  /** The log to open; a new, empty one when absent. */
  readonly log?: MemoryLog;
  /** For fault tests: runs each commit, and may throw before or after it. */
  readonly commit?: (run: () => void) => void;
};

/** The event store for tests: every promise of the port but durability. */
export class MemoryEventStore extends EventStore {
  readonly #log: MemoryLog;
  readonly #commit: (run: () => void) => void;
  /** Ends the followers when the store closes. */
  readonly #closing = new AbortController();
  #state: 'open' | 'stopped' | 'closed' = 'open';

  constructor(options: MemoryOptions = {}) {
    super();
    this.#log = options.log ?? new MemoryLog();
    this.#commit = options.commit ?? ((run) => run());
  }

  override async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    checkAppend(stream, expected, events);
    // A turn of the event loop lies between call and effect, as with every store worth testing for.
    await Promise.resolve();
    this.#refuseUnless(this.#state === 'open', 'takes no appends until it is opened again');
    const judgement = judgeAppend(
      expected,
      events.map(({ id }) => id),
      this.#log.view(stream),
    );
    if (judgement.kind === 'conflict') {
      throw new WrongExpectedRevision(stream, expected, this.#log.view(stream).lastRevision);
    }
    if (judgement.kind === 'repeated') {
      const position = this.#log.stream(stream)[judgement.lastRevision]?.position ?? '';
      return { revision: judgement.lastRevision, position, repeated: true };
    }
    return this.#add(stream, judgement.firstRevision, events);
  }

  #add(stream: string, firstRevision: number, events: readonly NewEvent[]): Appended {
    const firstPosition = this.#log.all.length;
    const stored = events.map(({ id, type, data, metadata }, index) => ({
      position: String(firstPosition + index),
      stream,
      revision: firstRevision + index,
      id,
      type,
      data,
      metadata,
    }));
    this.#write(stream, () => this.#log.add(stored));
    this.#log.arrivals.announce();
    return {
      revision: firstRevision + events.length - 1,
      position: String(firstPosition + events.length - 1),
      repeated: false,
    };
  }

  #write(what: string, change: () => void): void {
    try {
      this.#commit(change);
    } catch (cause) {
      this.#state = 'stopped';
      throw new AppendUnknown(`${what}: the commit erred; open the store again`, { cause });
    }
  }

  override async readStream(
    stream: string,
    options: ReadStreamOptions = {},
  ): Promise<readonly StoredEvent[]> {
    this.#refuseClosed();
    const { direction = 'forwards', from, to, limit } = options;
    const events = this.#log.stream(stream);
    const ordered = direction === 'forwards' ? events : events.toReversed();
    const [first, last] =
      direction === 'forwards'
        ? [from ?? 0, to ?? Number.POSITIVE_INFINITY]
        : [to ?? 0, from ?? Number.POSITIVE_INFINITY];
    return ordered
      .filter(({ revision }) => revision >= first && revision <= last)
      .slice(0, readCountOf(limit));
  }

  override async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly StoredEvent[]> {
    this.#refuseClosed();
    const pageSize = pageSizeOf(options.pageSize);
    const to = options.to ?? this.#log.all.at(-1)?.position;
    let next =
      options.from === undefined
        ? this.#indexAfter(options.after)
        : Math.min(Number(options.from), this.#log.all.length);
    const end = to === undefined ? 0 : this.#indexAfter(to);
    while (next < Math.min(end, this.#log.all.length)) {
      this.#refuseClosed();
      const page = this.#log.all.slice(next, Math.min(next + pageSize, end));
      next += page.length;
      yield page;
    }
  }

  override follow(options: FollowOptions): AsyncGenerator<FollowedPage> {
    this.#refuseClosed();
    const size = pageSizeOf(options.pageSize);
    const readPage = (from: Position | undefined): PageRead => {
      const next = this.#indexAfter(from);
      const events = this.#log.all.slice(next, next + size);
      return { events, atHead: next + events.length >= this.#log.all.length };
    };
    const ended = AbortSignal.any([options.signal, this.#closing.signal]);
    const wait = () => this.#log.arrivals.next(ended);
    return followPages({ readPage, wait }, { ...options, signal: ended });
  }

  override async head(): Promise<Position | undefined> {
    this.#refuseClosed();
    return this.#log.all.at(-1)?.position;
  }

  override async countUpTo(position: Position): Promise<number> {
    this.#refuseClosed();
    return Math.min(this.#indexAfter(position), this.#log.all.length);
  }

  override async readMark(name: string): Promise<Mark | undefined> {
    checkMarkName(name);
    this.#refuseClosed();
    return this.#log.marks.get(name);
  }

  override async writeMark(
    name: string,
    value: CanonicalJson,
    expected: ExpectedMark,
  ): Promise<number> {
    checkMark(name, value, expected);
    await Promise.resolve();
    this.#refuseUnless(this.#state === 'open', 'takes no marks until it is opened again');
    const current = this.#log.marks.get(name);
    const judgement = judgeMark(expected, value, current);
    if (judgement === 'conflict')
      throw new WrongExpectedRevision(name, expected, current?.revision);
    const revision = expected === 'no-mark' ? 0 : expected + 1;
    if (judgement === 'repeated') return revision;
    this.#write(`mark ${name}`, () => this.#log.marks.set(name, { value, revision }));
    return revision;
  }

  override async close(): Promise<void> {
    this.#state = 'closed';
    this.#closing.abort();
  }

  /** Index of the first event after a position: positions are dense from 0. */
  #indexAfter(position: Position | undefined): number {
    const last = this.#log.all.at(-1)?.position;
    if (position === undefined || last === undefined) return 0;
    return comparePositions(position, last) >= 0 ? this.#log.all.length : Number(position) + 1;
  }

  #refuseClosed(): void {
    this.#refuseUnless(this.#state !== 'closed', 'is closed');
  }

  #refuseUnless(condition: unknown, complaint: string): asserts condition {
    if (!condition) throw new StoreUnavailable(`the event store ${complaint}`);
  }
}
