import { setMaxListeners } from 'node:events';
import {
  comparePositions,
  type CanonicalJson,
  type NewEvent,
  type Position,
  type StoredEvent,
} from '#kernel';
import {
  checkAppend,
  checkMark,
  checkMarkName,
  EventStore,
  pageSizeOf,
  readCountOf,
  StoreUnavailable,
  type Appended,
  type ExpectedMark,
  type ExpectedRevision,
  type FollowedPage,
  type FollowOptions,
  type Mark,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '#event-store/port';
import { withoutCredentials } from './address.js';
import { Appender } from './appender.js';
import { Connection } from './connection.js';
import { CountMarks } from './count-marks.js';
import { restUntilRung } from './doorbell.js';
import { unavailable } from './driver-errors.js';
import { EventCount } from './event-count.js';
import { followLog } from './follower.js';
import { inTime } from './in-time.js';
import { checkPosition, LogReader } from './log-reader.js';
import { MarkStreams } from './mark-streams.js';
import { serverSettings, type ServerSettings } from './server-settings.js';
import { Watermark } from './watermark.js';

export const APPEND_TIMEOUT_MS = 8_000;
export const READ_TIMEOUT_MS = 5_000;
export const PING_TIMEOUT_MS = 2_000;
/** At 25,000 events a second, four seconds of counting. */
export const COUNT_MARK_EVERY = 100_000;
const CLOSE_MARGIN_MS = 500;

export type EventStoreDbOptions = {
  /** `esdb://host:port` or `esdb+discover://host`, with the client's options. */
  readonly url: string;
  /** How long an append is tried until its outcome is unknown; {@link APPEND_TIMEOUT_MS}. */
  readonly appendTimeoutMs?: number;
  /** How long a read may bring nothing; {@link READ_TIMEOUT_MS}. */
  readonly readTimeoutMs?: number;
  /** Events between two counts that are kept in the event store; {@link COUNT_MARK_EVERY}. */
  readonly countMarkEvery?: number;
  /** Told each time a follower's subscription broke. */
  readonly onResubscribed?: () => void;
};

/**
 * The event log in EventStoreDB 23.10 or later, for any number of processes. An append that resolved
 * is as durable as the server makes it: on the disks of a majority of its nodes.
 *
 * Events of the server's own, whose type or stream begins with `$`, are not part of the log.
 */
export class EventStoreDbEventStore extends EventStore {
  readonly #connection: Connection;
  readonly #reader: LogReader;
  readonly #watermark: Watermark;
  readonly #appender: Appender;
  readonly #count: EventCount;
  readonly #marks: MarkStreams;
  /** Ends reads and followers when the store closes. */
  readonly #closing = new AbortController();
  /** Ends what is still being appended, after its time. */
  readonly #ending = new AbortController();
  #closed: Promise<void> | undefined;
  #resubscriptions = 0;

  private constructor(private readonly options: EventStoreDbOptions) {
    super();
    // Every call listens, and there is no limit to followers.
    setMaxListeners(0, this.#closing.signal, this.#ending.signal);
    this.#connection = new Connection(options.url);
    this.#reader = new LogReader(this.#connection, options.readTimeoutMs ?? READ_TIMEOUT_MS);
    this.#watermark = new Watermark(() => this.#reader.head(undefined, this.#ending.signal));
    this.#appender = new Appender({
      connection: this.#connection,
      reader: this.#reader,
      watermark: this.#watermark,
      appendTimeoutMs: options.appendTimeoutMs ?? APPEND_TIMEOUT_MS,
      ending: this.#ending.signal,
    });
    const marks = new CountMarks(this.#reader, (request, timeoutMs) =>
      this.#appender.sendOnce(request, timeoutMs),
    );
    this.#marks = new MarkStreams({
      connection: this.#connection,
      reader: this.#reader,
      send: (request, timeoutMs) => this.#appender.sendOnce(request, timeoutMs),
      timeoutMs: options.appendTimeoutMs ?? APPEND_TIMEOUT_MS,
      signal: this.#closing.signal,
    });
    this.#count = new EventCount(this.#reader, marks, {
      signal: this.#closing.signal,
      markEvery: options.countMarkEvery ?? COUNT_MARK_EVERY,
    });
  }

  /** Does not wait for the server: the first call connects. @throws AddressInvalid */
  static async open(options: EventStoreDbOptions): Promise<EventStoreDbEventStore> {
    return new EventStoreDbEventStore(options);
  }

  /** How often a follower's subscription broke and was made anew. */
  get resubscriptions(): number {
    return this.#resubscriptions;
  }

  override async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const sizeBytes = checkAppend(stream, expected, events);
    this.#refuseClosed();
    return this.#appender.append({ stream, expected, events }, sizeBytes);
  }

  override async readStream(
    stream: string,
    { direction = 'forwards', from, to, limit }: ReadStreamOptions = {},
  ): Promise<readonly StoredEvent[]> {
    this.#refuseClosed();
    const countMax = readCountOf(limit);
    const { signal } = this.#closing;
    if (countMax === 0) return [];
    let start = from;
    if (direction === 'backwards' && from !== undefined) {
      // The server is not asked to begin beyond the end of a stream.
      const last = await this.#reader.lastOf(stream, signal);
      start = last && Math.min(from, last.revision);
      if (start === undefined) return [];
    }
    const events = await this.#reader.stream(
      stream,
      { direction, from: start, to, countMax },
      signal,
    );
    this.#watermark.note((direction === 'forwards' ? events.at(-1) : events[0])?.position);
    return events;
  }

  override async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly StoredEvent[]> {
    this.#refuseClosed();
    const pageSize = pageSizeOf(options.pageSize);
    const last = options.to === undefined ? await this.head() : checkPosition(options.to);
    if (last === undefined) return;
    let page: StoredEvent[] = [];
    for await (const events of this.#upTo(last, options)) {
      for (const event of events) {
        page.push(event);
        if (page.length < pageSize) continue;
        yield page;
        page = [];
      }
    }
    if (page.length > 0) yield page;
  }

  override follow(options: FollowOptions): AsyncGenerator<FollowedPage> {
    this.#refuseClosed();
    if (options.after !== undefined) checkPosition(options.after);
    const size = pageSizeOf(options.pageSize);
    const ended = AbortSignal.any([options.signal, this.#closing.signal]);
    setMaxListeners(0, ended);
    return followLog(
      {
        readPage: async (from) => {
          const page = await this.#reader.page(from, size, ended);
          this.#watermark.note(page.events.at(-1)?.position);
          return page;
        },
        rest: async (from) => {
          const ring = await restUntilRung(this.#connection, from, ended);
          if (ring === 'broken') this.#resubscribed();
          return ring;
        },
      },
      { ...options, signal: ended },
    );
  }

  override async head(): Promise<Position | undefined> {
    this.#refuseClosed();
    const head = await this.#reader.head(this.#watermark.highest, this.#closing.signal);
    this.#watermark.note(head);
    return head;
  }

  override async countUpTo(position: Position): Promise<number> {
    this.#refuseClosed();
    return this.#count.upTo(checkPosition(position));
  }

  override async readMark(name: string): Promise<Mark | undefined> {
    checkMarkName(name);
    this.#refuseClosed();
    return this.#marks.read(name);
  }

  override async writeMark(
    name: string,
    value: CanonicalJson,
    expected: ExpectedMark,
  ): Promise<number> {
    checkMark(name, value, expected);
    this.#refuseClosed();
    return this.#marks.write(name, value, expected);
  }

  /** Whether the server answers, within {@link PING_TIMEOUT_MS}. @throws StoreUnavailable */
  async ping(): Promise<void> {
    this.#refuseClosed();
    // Not AbortSignal.any, of which each call leaves something with a signal that lives as long as this.
    const ending = new AbortController();
    let isLate = false;
    const end = () => ending.abort(this.#closing.signal.reason);
    const timer = setTimeout(() => {
      isLate = true;
      ending.abort();
    }, PING_TIMEOUT_MS);
    this.#closing.signal.addEventListener('abort', end, { once: true });
    try {
      await this.#reader.head(this.#watermark.highest, ending.signal);
    } catch (error) {
      if (!isLate) throw error;
      throw new StoreUnavailable(`the event store did not answer within ${PING_TIMEOUT_MS} ms`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      this.#closing.signal.removeEventListener('abort', end);
    }
  }

  /** What can be told of the server and its cluster. @throws StoreUnavailable */
  async settings(): Promise<ServerSettings> {
    this.#refuseClosed();
    try {
      return await serverSettings(this.#connection, this.address);
    } catch (error) {
      throw unavailable(error, 'the event store does not tell its settings');
    }
  }

  /** Where the store is, without credentials. */
  get address(): string {
    return withoutCredentials(this.options.url);
  }

  /**
   * Waits until what is under way is settled, as long as an append may take, and ends followers.
   * Closing twice is the same as once.
   */
  override close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new StoreUnavailable('the event store is closed'));
    const settled = this.#appender.settled();
    const patienceMs = this.options.appendTimeoutMs ?? APPEND_TIMEOUT_MS;
    // Twins wait for each other, and so may take longer together than each may take.
    await inTime(settled, patienceMs + CLOSE_MARGIN_MS, 'closing').catch(() => undefined);
    this.#ending.abort(new StoreUnavailable('the event store is closed'));
    await this.#connection.close();
    await settled;
  }

  /** Events from the start that the options name up to a position, inclusive. */
  async *#upTo(
    last: Position,
    { after, from }: ReadAllOptions,
  ): AsyncGenerator<readonly StoredEvent[]> {
    const start = from === undefined ? { after: after && checkPosition(after) } : { from };
    for await (const batch of this.#reader.all(start, this.#closing.signal)) {
      const events: StoredEvent[] = [];
      let isEnd = false;
      for (const { position, event } of batch) {
        const order = comparePositions(position, last);
        if (event && order <= 0) events.push(event);
        isEnd = order >= 0;
        if (isEnd) break;
      }
      this.#watermark.note(events.at(-1)?.position);
      if (events.length > 0) yield events;
      if (isEnd) return;
    }
  }

  #resubscribed(): void {
    this.#resubscriptions += 1;
    this.options.onResubscribed?.();
  }

  #refuseClosed(): void {
    if (this.#closed) throw new StoreUnavailable('the event store is closed');
  }
}
