import {
  comparePositions,
  eventSizeBytes,
  type NewEvent,
  type Position,
  type StoredEvent,
} from '#kernel';
import {
  AppendUnknown,
  EventTooLarge,
  READ_COUNT_MAX,
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
} from '#event-store/port';
import { AnswerOverdue, AppendLine, NeverSent } from './append-line.js';
import type { AppendAnswer, AppendRequest } from './append-messages.js';
import { backOff, type Backoff } from './backoff.js';
import type { Connection } from './connection.js';
import { AppendsDenied, isDenied, isNeverSent, messageOf } from './driver-errors.js';
import { inTime } from './in-time.js';
import type { LogReader } from './log-reader.js';
import type { Watermark } from './watermark.js';

/** Appends under way; more are refused, since nothing would be gained by waiting. */
export const APPENDS_UNDER_WAY_MAX = 10_000;
/** Their data and metadata, which is held in memory until it is answered. */
export const UNDER_WAY_MAX_BYTES = 128_000_000;
/** One attempt waits at most so long for its answer, so that there is time for another. */
const ATTEMPT_TIMEOUT_MAX_MS = 2_500;
const ATTEMPTS_EXPECTED = 3;
/** What a node says that leads no cluster and knows nobody who does. One that is busy says otherwise. */
const LEADS_NOT = /not ready|no leader/i;
const RETRY_BACKOFF: Backoff = { delayMinMs: 20, delayMaxMs: 500 };

export type AppenderParts = {
  readonly connection: Connection;
  readonly reader: LogReader;
  readonly watermark: Watermark;
  readonly appendTimeoutMs: number;
  /** Aborts when the store gives up what is under way. */
  readonly ending: AbortSignal;
};

type Attempted = {
  /** The highest position known before the first attempt was sent. */
  highest: Position | undefined;
  /** An attempt may have reached the server. */
  maybeStored: boolean;
  failures: number;
  lastError: unknown;
};

/**
 * Appends, and finds out what became of those whose answer was lost: by sending the same ids with the
 * same expectation again, which the server answers as the first time.
 */
export class Appender {
  readonly #line: AppendLine;
  /** Appends under way by stream and first id, so that a twin waits for the other. */
  readonly #twins = new Map<string, Promise<unknown>>();
  #underWayCount = 0;
  #underWayBytes = 0;

  constructor(private readonly parts: AppenderParts) {
    this.#line = new AppendLine(parts.connection);
  }

  /** @throws WrongExpectedRevision, EventTooLarge, StoreUnavailable, AppendUnknown */
  async append(request: AppendRequest, sizeBytes: number): Promise<Appended> {
    const isFull =
      this.#underWayCount >= APPENDS_UNDER_WAY_MAX || this.#underWayBytes >= UNDER_WAY_MAX_BYTES;
    if (isFull) throw new StoreUnavailable('too many appends are under way; try again');
    this.#underWayCount += 1;
    this.#underWayBytes += sizeBytes;
    const key = `${request.stream} ${request.events[0]?.id}`;
    const twin = this.#twins.get(key);
    const appending = twin ? twin.then(() => this.#append(request)) : this.#append(request);
    // What becomes of a twin is for its own caller; the next one waits until it is settled.
    const settled = appending.then(
      () => undefined,
      () => undefined,
    );
    this.#twins.set(key, settled);
    try {
      return await appending;
    } finally {
      this.#underWayCount -= 1;
      this.#underWayBytes -= sizeBytes;
      if (this.#twins.get(key) === settled) this.#twins.delete(key);
    }
  }

  /** Sends once, without retry, for what may as well fail. */
  sendOnce(request: AppendRequest, timeoutMs: number): Promise<AppendAnswer> {
    return this.#line.send(request, timeoutMs);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#twins.size > 0) await Promise.all(this.#twins.values());
  }

  async #append(request: AppendRequest): Promise<Appended> {
    const { appendTimeoutMs, ending } = this.parts;
    const deadlineAtMs = performance.now() + appendTimeoutMs;
    const attempted: Attempted = {
      highest: undefined,
      maybeStored: false,
      failures: 0,
      lastError: undefined,
    };
    for (;;) {
      const leftMs = deadlineAtMs - performance.now();
      if (leftMs <= 0 || ending.aborted) throw givenUp(request, attempted);
      const appended = await this.#attempt(request, attempted, leftMs);
      if (appended) return appended;
      attempted.failures += 1;
      if (deadlineAtMs - performance.now() > RETRY_BACKOFF.delayMinMs) {
        await backOff(RETRY_BACKOFF, attempted.failures, ending);
      }
    }
  }

  /** One attempt; undefined when another may tell more. */
  async #attempt(
    request: AppendRequest,
    attempted: Attempted,
    leftMs: number,
  ): Promise<Appended | undefined> {
    const { appendTimeoutMs, connection } = this.parts;
    const fairMs = Math.min(ATTEMPT_TIMEOUT_MAX_MS, appendTimeoutMs / ATTEMPTS_EXPECTED);
    const timeoutMs = Math.max(Math.min(leftMs, fairMs), 1);
    const answeredBefore = this.#line.answeredCount;
    const { generation } = connection;
    try {
      // Nothing is sent after an overdue preparation: its late end is looked at by nobody.
      const found = await this.#prepare(request, attempted, timeoutMs);
      if (found) return found;
    } catch (error) {
      attempted.lastError = error;
      if (isDenied(error)) throw givenUp(request, attempted);
      return undefined;
    }
    try {
      const answer = await this.#line.send(request, timeoutMs);
      if (answer.kind === 'not-handled' && LEADS_NOT.test(answer.problem)) {
        // It holds on to the call: without leaving it, a cluster's next leader would not be looked for.
        await connection.renew(generation);
      }
      return await this.#judge(request, attempted, answer);
    } catch (error) {
      if (error instanceof WrongExpectedRevision || error instanceof EventTooLarge) throw error;
      attempted.lastError = error;
      attempted.maybeStored ||= !(error instanceof NeverSent || isNeverSent(error));
      if (isDenied(error)) throw givenUp(request, attempted);
      const isSilent = this.#line.answeredCount === answeredBefore;
      if (error instanceof AnswerOverdue && isSilent) await connection.renew(generation);
      return undefined;
    }
  }

  /**
   * What must be known before sending. With `any` and `stream-exists` the server knows repeated ids
   * only from a cache, which a restart empties: so before such an append is sent again, the stream
   * itself is asked whether it holds it.
   */
  async #prepare(
    { stream, expected, events }: AppendRequest,
    attempted: Attempted,
    timeoutMs: number,
  ): Promise<Appended | undefined> {
    const { watermark } = this.parts;
    if (!attempted.maybeStored) {
      if (!watermark.isAsked) await inTime(watermark.ask(), timeoutMs, 'asking for the head');
      attempted.highest = watermark.highest;
      return undefined;
    }
    if (expected !== 'any' && expected !== 'stream-exists') return undefined;
    const finding = this.#findStored(stream, events, attempted.highest);
    return inTime(finding, timeoutMs, 'looking for the events');
  }

  async #findStored(
    stream: string,
    events: readonly NewEvent[],
    highest: Position | undefined,
  ): Promise<Appended | undefined> {
    const { reader, ending } = this.parts;
    const range = {
      direction: 'backwards',
      from: undefined,
      to: undefined,
      countMax: READ_COUNT_MAX,
    } as const;
    const latest = await reader.stream(stream, range, ending);
    const isNew = ({ position }: StoredEvent) =>
      highest === undefined || comparePositions(position, highest) > 0;
    const since = latest.filter(isNew).toReversed();
    const start = since.findIndex((_, index) =>
      events.every(({ id }, ordinal) => since[index + ordinal]?.id === id),
    );
    const last = start < 0 ? undefined : since[start + events.length - 1];
    return last && this.#appended(last, highest);
  }

  async #judge(
    request: AppendRequest,
    attempted: Attempted,
    answer: AppendAnswer,
  ): Promise<Appended | undefined> {
    const { stream, expected, events } = request;
    switch (answer.kind) {
      case 'stored': {
        const { revision } = answer;
        const position = answer.position ?? (await this.#positionOf(stream, revision));
        return this.#appended({ revision, position }, attempted.highest);
      }
      case 'wrong-version':
        throw new WrongExpectedRevision(stream, expected, answer.actual);
      case 'deleted':
        // A stream that was deleted for good takes nothing, whatever is expected of it.
        throw new WrongExpectedRevision(stream, expected, undefined);
      case 'too-large': {
        const sizeBytes = events.reduce((sum, event) => sum + eventSizeBytes(event), 0);
        throw new EventTooLarge(sizeBytes, answer.sizeMaxBytes, 'bytes');
      }
      case 'denied':
        throw new AppendsDenied();
      default:
        attempted.maybeStored ||= answer.kind === 'unknown';
        attempted.lastError = new Error(answer.problem);
        return undefined;
    }
  }

  async #positionOf(stream: string, revision: number): Promise<Position> {
    const { reader, ending } = this.parts;
    const range = { direction: 'forwards', from: revision, to: revision, countMax: 1 } as const;
    const [event] = await reader.stream(stream, range, ending);
    if (!event) throw new StoreUnavailable(`${stream} has no revision ${revision}`);
    return event.position;
  }

  #appended(
    { revision, position }: { readonly revision: number; readonly position: Position },
    highest: Position | undefined,
  ): Appended {
    this.parts.watermark.note(position);
    const isKnown = highest !== undefined && comparePositions(position, highest) <= 0;
    if (isKnown) return { revision, position, repeated: true };
    return { revision, position, repeated: false, unverified: true };
  }
}

function givenUp(
  { stream }: AppendRequest,
  { maybeStored, failures, lastError }: Attempted,
): AppendUnknown | StoreUnavailable {
  const options = lastError === undefined ? {} : { cause: lastError };
  const reason = lastError === undefined ? 'the store closes' : messageOf(lastError);
  const text = `${stream}: after ${failures} attempts: ${reason}`;
  return maybeStored
    ? new AppendUnknown(`${text}; it may be stored: try the same ids again`, options)
    : new StoreUnavailable(`${text}; nothing was stored`, options);
}
