import type { ExpectedMark, ExpectedRevision } from './event-store.js';

/** The stream or mark moved on, or is not there: somebody else's change came first. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  readonly code = 'store.wrong-expected-revision';

  constructor(
    /** The stream's name, or the mark's. */
    readonly stream: string,
    readonly expected: ExpectedRevision | ExpectedMark,
    /** Revision of the last event or value, or undefined when there is no such stream or mark. */
    readonly actual: number | undefined,
  ) {
    super(`${stream}: expected ${expected}, is ${actual ?? 'not there'}`);
  }
}

/** An event or an append is over a limit. Nothing was written. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
  readonly code = 'store.event-too-large';

  constructor(
    readonly size: number,
    readonly sizeMax: number,
    readonly unit: 'bytes' | 'events',
  ) {
    super(`${size} ${unit}, at most ${sizeMax} ${unit}`);
  }
}

/** The store cannot be reached or is closed. Nothing was written; may be tried again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: string = 'store.unavailable';
}

/**
 * The position is none of this log: it was taken from another one, or from a longer copy of this one.
 * It does not pass by itself; what holds the position is to be derived anew.
 */
export class PositionUnknown extends Error {
  override readonly name = 'PositionUnknown';
  readonly code = 'store.position-unknown';
}

/** Another process holds the store for writing. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked';
  readonly code = 'store.locked';
}

/** The store was written by a newer version of the product than this one, or not by it at all. */
export class StoreFormatUnknown extends Error {
  override readonly name = 'StoreFormatUnknown';
  readonly code = 'store.format-unknown';
}

/**
 * The append erred where it may have been written all the same. Never "failed": of 19 commits that
 * answered with an I/O error, 18 were there after reopening. Send the same ids and expectation again.
 */
export class AppendUnknown extends Error {
  override readonly name = 'AppendUnknown';
  readonly code = 'store.append-unknown';
}
