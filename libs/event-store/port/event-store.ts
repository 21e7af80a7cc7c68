import type { CanonicalJson, NewEvent, Position, StoredEvent } from '#kernel';

/**
 * What the writer believes of the stream. A number is the revision of its last event.
 * Commands always use `no-stream` or a number: only then is appending again fully idempotent.
 */
export type ExpectedRevision = number | 'no-stream' | 'stream-exists' | 'any';

export type Appended = {
  /** Revision of the last event of this append. */
  readonly revision: number;
  /** Position of the last event of this append. */
  readonly position: Position;
  /** True when the same events had been appended before and nothing was written now. */
  readonly repeated: boolean;
  /**
   * Set by a store of several writers that cannot tell at once whether `repeated: false` is so: the
   * same ids may have been written by another process at this very moment. The events themselves
   * are surely stored; read them back where it matters who wrote them.
   */
  readonly unverified?: true;
};

export type ReadStreamOptions = {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision to read, inclusive. Defaults to the first event, or the last one backwards. */
  readonly from?: number;
  /** Last revision to read, inclusive, in reading order. */
  readonly to?: number;
  /** At most so many events; {@link READ_COUNT_MAX} unless told. */
  readonly limit?: number;
};

export type ReadAllOptions = {
  /** Read what comes after this position; from the start when absent. */
  readonly after?: Position;
  /** Read from this position on, inclusive, instead of `after`. */
  readonly from?: Position;
  /** Last position to read, inclusive; what is stored at the time of the call when absent. */
  readonly to?: Position;
  /** Events a page, 1 to {@link PAGE_SIZE_MAX}. */
  readonly pageSize?: number;
};

export type FollowOptions = {
  /** Resume after this position, the last one handled; from the start when absent. */
  readonly after?: Position;
  /** Ends the following; the iteration then completes without an error. */
  readonly signal: AbortSignal;
  readonly pageSize?: number;
  /**
   * Once caught up: how long to wait after something came before it is read, so that what comes
   * meanwhile is read with it. 0 when absent. When the signal aborts meanwhile, it is not read.
   */
  readonly lingerMs?: number;
};

/** A page of a {@link EventStore.follow}. */
export type FollowedPage = {
  /** In order of position; empty only when `caughtUp` turned true without new events. */
  readonly events: readonly StoredEvent[];
  /** True when, at the time of reading, nothing was stored beyond this page. */
  readonly caughtUp: boolean;
};

/** A small value that is kept beside the log, under a name. */
export type Mark = {
  readonly value: CanonicalJson;
  /** 0 for the first value, and one more with each write. */
  readonly revision: number;
};

/** What the writer believes of a mark: its revision, or that it was never written. */
export type ExpectedMark = number | 'no-mark';

export const READ_COUNT_MAX = 100_000;
export const PAGE_SIZE_MAX = 10_000;
export const PAGE_SIZE_DEFAULT = 1_000;
/** Events in one append. */
export const APPEND_COUNT_MAX = 1_000;
/**
 * Data and metadata of one append. EventStoreDB refuses 1,048,577 bytes a write, so that no adapter
 * takes more: an append that works on embedded stores must work on servers.
 */
export const APPEND_SIZE_MAX_BYTES = 1_000_000;

/**
 * The durable truth: streams of events, and the one order of all of them.
 * Abstract so that it is also the token of dependency injection.
 */
export abstract class EventStore {
  /**
   * Appends all events or none. When it resolves, they survive a power cut.
   * Appending the same ids again with the same expectation writes nothing and answers as the first
   * time; ids are compared with those stored at the revisions that follow the expectation.
   *
   * @throws WrongExpectedRevision the stream is not where the writer believed; nothing was written.
   * @throws EventTooLarge an event, or the append, is over the limit; nothing was written.
   * @throws StoreUnavailable nothing was written; may be tried again.
   * @throws AppendUnknown it may or may not be written: try again with the same ids and expectation.
   */
  abstract append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended>;

  /** The events of one stream; empty when there is none. @throws StoreUnavailable */
  abstract readStream(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]>;

  /**
   * All events in order of position, a page at a time.
   * @throws StoreUnavailable; PositionUnknown where a store can tell, and so does {@link follow}.
   */
  abstract readAll(options?: ReadAllOptions): AsyncIterable<readonly StoredEvent[]>;

  /**
   * Everything after a position, then what is appended from now on, each event once and in order.
   * Pulled, so a slow consumer slows nobody and loses nothing. Outlives passing faults of the store.
   */
  abstract follow(options: FollowOptions): AsyncIterable<FollowedPage>;

  /** Position of the last event, or undefined when the store is empty. @throws StoreUnavailable */
  abstract head(): Promise<Position | undefined>;

  /**
   * Events with a position up to and including this one; what `eventsMissing` is measured against.
   * Counted apart from any projector. A store that keeps no count reads what was not counted before.
   */
  abstract countUpTo(position: Position): Promise<number>;

  /** A mark as it was last written; undefined when it never was. @throws StoreUnavailable */
  abstract readMark(name: string): Promise<Mark | undefined>;

  /**
   * Writes a mark if it is still where the caller believes it to be: a register of a few names
   * beside the log, no part of it, neither followed nor counted nor copied with it. Of two writers
   * with the same expectation one succeeds; writing the same value again with the same expectation
   * answers as the first time. When it resolves, with the new revision, it survives a power cut.
   *
   * @throws WrongExpectedRevision the mark moved on; nothing was written.
   * @throws EventTooLarge; StoreUnavailable nothing was written; may be tried again.
   * @throws AppendUnknown it may or may not be written: try again, or read the mark.
   */
  abstract writeMark(name: string, value: CanonicalJson, expected: ExpectedMark): Promise<number>;

  /** Ends what is under way, releases what is held. Later calls throw StoreUnavailable. */
  abstract close(): Promise<void>;
}

/** The page size that an adapter uses for the one it was asked for: 1 to {@link PAGE_SIZE_MAX}. */
export function pageSizeOf(asked: number | undefined): number {
  return Math.min(Math.max(Math.trunc(asked ?? PAGE_SIZE_DEFAULT), 1), PAGE_SIZE_MAX);
}

/** How many events an adapter reads of a stream for a limit: 0 to {@link READ_COUNT_MAX}. */
export function readCountOf(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? READ_COUNT_MAX), 0), READ_COUNT_MAX);
}
