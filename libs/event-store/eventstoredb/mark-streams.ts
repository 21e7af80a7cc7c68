import { randomUUID } from 'node:crypto';
import { canonicalJson, type CanonicalJson, type NewEvent } from '#kernel';
import {
  AppendUnknown,
  judgeMark,
  StoreUnavailable,
  WrongExpectedRevision,
  type ExpectedMark,
  type ExpectedRevision,
  type Mark,
} from '#event-store/port';
import { AnswerOverdue, NeverSent } from './append-line.js';
import type { AppendAnswer, AppendRequest } from './append-messages.js';
import { backOff, type Backoff } from './backoff.js';
import type { Connection } from './connection.js';
import { isDenied, isNeverSent, messageOf } from './driver-errors.js';
import type { LogReader } from './log-reader.js';

/** Beside the log and not in it, as each is the metadata of a stream that has no events. */
const STREAM_PREFIX = '$$redress-mark-';
const METADATA_TYPE = '$metadata';
const ATTEMPT_TIMEOUT_MS = 2_500;
const RETRY_BACKOFF: Backoff = { delayMinMs: 20, delayMaxMs: 500 };

export type MarkStreamParts = {
  readonly connection: Pick<Connection, 'generation' | 'renew'>;
  readonly reader: LogReader;
  /** Sends once. Not by way of the appender, which would take a mark's position for the log's. */
  readonly send: (request: AppendRequest, timeoutMs: number) => Promise<AppendAnswer>;
  /** How long a mark is tried until its outcome is unknown. */
  readonly timeoutMs: number;
  /** Aborts when the store closes. */
  readonly signal: AbortSignal;
};

type Attempt =
  | { readonly kind: 'settled'; readonly revision: number }
  | { readonly kind: 'failed'; readonly error: unknown; readonly maybeStored: boolean };

/** Marks in the event store itself, for all processes; the server compares the revisions. */
export class MarkStreams {
  constructor(private readonly parts: MarkStreamParts) {}

  /** @throws StoreUnavailable */
  async read(name: string): Promise<Mark | undefined> {
    const event = await this.parts.reader.lastOf(`${STREAM_PREFIX}${name}`, this.parts.signal);
    return event && { value: event.data, revision: event.revision };
  }

  /** @throws WrongExpectedRevision, StoreUnavailable, AppendUnknown */
  async write(name: string, value: CanonicalJson, expected: ExpectedMark): Promise<number> {
    const { timeoutMs, signal } = this.parts;
    const deadlineAtMs = performance.now() + timeoutMs;
    const event: NewEvent = {
      id: randomUUID(),
      type: METADATA_TYPE,
      data: value,
      metadata: canonicalJson({}),
    };
    let maybeStored = false;
    for (let failures = 1; ; failures += 1) {
      const attempt = await this.#attempt(name, event, expected);
      if (attempt.kind === 'settled') return attempt.revision;
      maybeStored ||= attempt.maybeStored;
      const isLate = performance.now() + RETRY_BACKOFF.delayMinMs >= deadlineAtMs;
      if (isLate || signal.aborted || isDenied(attempt.error)) {
        throw givenUp(name, attempt.error, maybeStored ? 'unknown' : 'nothing');
      }
      await backOff(RETRY_BACKOFF, failures, signal);
    }
  }

  async #attempt(name: string, event: NewEvent, expected: ExpectedMark): Promise<Attempt> {
    const before: ExpectedRevision = expected === 'no-mark' ? 'no-stream' : expected;
    const { connection } = this.parts;
    const { generation } = connection;
    try {
      const request = { stream: `${STREAM_PREFIX}${name}`, expected: before, events: [event] };
      const answer = await this.parts.send(request, ATTEMPT_TIMEOUT_MS);
      if (answer.kind === 'stored') return { kind: 'settled', revision: answer.revision };
      if (answer.kind === 'wrong-version') return await this.#conflict(name, event.data, expected);
      // A node that leads no longer holds on to the call: another is found only by leaving it.
      if (answer.kind === 'not-handled') await connection.renew(generation);
      const problem = 'problem' in answer ? answer.problem : `the mark is ${answer.kind}`;
      return {
        kind: 'failed',
        error: new Error(problem),
        maybeStored: answer.kind === 'unknown',
      };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) throw error;
      if (error instanceof AnswerOverdue) await connection.renew(generation);
      const maybeStored = !(error instanceof NeverSent || isNeverSent(error));
      return { kind: 'failed', error, maybeStored };
    }
  }

  /** Our own write, whose answer was lost, moves the mark on too: what is stored tells. */
  async #conflict(name: string, value: CanonicalJson, expected: ExpectedMark): Promise<Attempt> {
    const current = await this.read(name);
    if (current && judgeMark(expected, value, current) === 'repeated') {
      return { kind: 'settled', revision: current.revision };
    }
    throw new WrongExpectedRevision(name, expected, current?.revision);
  }
}

function givenUp(
  name: string,
  error: unknown,
  stored: 'unknown' | 'nothing',
): AppendUnknown | StoreUnavailable {
  const text = `mark ${name}: ${messageOf(error)}`;
  return stored === 'unknown'
    ? new AppendUnknown(`${text}; it may be stored: read it`, { cause: error })
    : new StoreUnavailable(`${text}; nothing was stored`, { cause: error });
}
