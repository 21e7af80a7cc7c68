import {
  EVENT_SIZE_MAX_BYTES,
  eventSizeBytes,
  InvariantBroken,
  isUuid,
  type NewEvent,
} from '#kernel';
import { EventTooLarge } from './errors.js';
import { APPEND_COUNT_MAX, APPEND_SIZE_MAX_BYTES, type ExpectedRevision } from './event-store.js';

/** What must be known of a stream to judge an append to it. */
export type StreamView = {
  /** Revision of the last event, or undefined when there is no such stream. */
  readonly lastRevision: number | undefined;
  readonly idAt: (revision: number) => string | undefined;
  /** The highest revision at which this stream holds an event of this id. */
  readonly revisionOf: (id: string) => number | undefined;
};

export type Judgement =
  | { readonly kind: 'write'; readonly firstRevision: number }
  /** All of it is stored already; `lastRevision` is that of the append's last event. */
  | { readonly kind: 'repeated'; readonly lastRevision: number }
  | { readonly kind: 'conflict' };

/**
 * Whether an append is written, was written before, or comes too late: EventStoreDB's rules, so
 * that one program behaves alike on every adapter. With `any` and `stream-exists` an append counts
 * as repeated when the stream holds every id, wherever; with the other expectations, when the ids
 * stand at the very revisions that follow the expectation.
 */
export function judgeAppend(
  expected: ExpectedRevision,
  ids: readonly string[],
  view: StreamView,
): Judgement {
  const last = view.lastRevision ?? -1;
  if (expected === 'stream-exists' && last < 0) return { kind: 'conflict' };
  if (expected === 'any' || expected === 'stream-exists') return judgeAnywhere(ids, view, last);
  const before = expected === 'no-stream' ? -1 : expected;
  if (before === last) return { kind: 'write', firstRevision: last + 1 };
  if (before > last) return { kind: 'conflict' };
  const stored = ids.every((id, index) => view.idAt(before + 1 + index) === id);
  return stored ? { kind: 'repeated', lastRevision: before + ids.length } : { kind: 'conflict' };
}

function judgeAnywhere(ids: readonly string[], view: StreamView, last: number): Judgement {
  if (last < 0) return { kind: 'write', firstRevision: 0 };
  let lastRevision: number | undefined;
  for (const [index, id] of ids.entries()) {
    const revision = view.revisionOf(id);
    if (revision === undefined) {
      return index === 0 ? { kind: 'write', firstRevision: last + 1 } : { kind: 'conflict' };
    }
    lastRevision = revision;
  }
  if (lastRevision === undefined) throw new InvariantBroken('an append holds at least one event');
  return { kind: 'repeated', lastRevision };
}

/**
 * What every adapter refuses before it touches its store. Answers the append's size in bytes.
 *
 * @throws EventTooLarge an event or the append is over a limit.
 * @throws InvariantBroken the caller made an append that no store can hold: no events, an id that
 * is no lower-case UUID, an empty name, a negative revision.
 */
export function checkAppend(
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
): number {
  if (stream === '') throw new InvariantBroken('a stream has a name');
  if (events.length === 0) throw new InvariantBroken('an append holds at least one event');
  if (typeof expected === 'number' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new InvariantBroken(`${expected} is not a revision`);
  }
  if (events.length > APPEND_COUNT_MAX) {
    throw new EventTooLarge(events.length, APPEND_COUNT_MAX, 'events');
  }
  const sizeBytes = appendSizeBytes(events);
  if (sizeBytes > APPEND_SIZE_MAX_BYTES) {
    throw new EventTooLarge(sizeBytes, APPEND_SIZE_MAX_BYTES, 'bytes');
  }
  return sizeBytes;
}

function appendSizeBytes(events: readonly NewEvent[]): number {
  let sizeBytes = 0;
  for (const event of events) {
    if (event.type === '') throw new InvariantBroken('an event has a type');
    if (!isUuid(event.id)) throw new InvariantBroken(`${event.id} is not a lower-case UUID`);
    const eventBytes = eventSizeBytes(event);
    if (eventBytes > EVENT_SIZE_MAX_BYTES) {
      throw new EventTooLarge(eventBytes, EVENT_SIZE_MAX_BYTES, 'bytes');
    }
    sizeBytes += eventBytes;
  }
  return sizeBytes;
}
