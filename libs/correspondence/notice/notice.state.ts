import { instantFromMillis, millisOf, unhandled, type Instant, type Recorded } from '#kernel';
import type { NoticeEvent, NoticeRaised } from './notice.events.js';
import type { FailureCode } from './notice.vocabulary.js';

/** A notice as its events tell it. */
export type Notice = NoticeRaised['data'] & {
  /** `due`: to be sent, at `dueAt`; also while somebody tries, who may fall silent. */
  readonly status: 'due' | 'attempting' | 'sent' | 'failed';
  /** From when on somebody may take it; undefined when nothing is left to be done. */
  readonly dueAt: Instant | undefined;
  /** All attempts there ever were. */
  readonly attempts: number;
  /** Attempts since it was raised, or replayed last. */
  readonly attemptsInRow: number;
  readonly code: FailureCode | undefined;
  readonly raisedAt: Instant;
};

/** Records one event; never refuses, never judges. */
export function evolveNotice(
  notice: Notice | undefined,
  event: Recorded<NoticeEvent>,
): Notice | undefined {
  const { recordedAt } = event.metadata;
  if (event.type === 'NoticeRaised') {
    return {
      ...event.data,
      status: 'due',
      dueAt: recordedAt,
      attempts: 0,
      attemptsInRow: 0,
      code: undefined,
      raisedAt: recordedAt,
    };
  }
  if (!notice) return undefined;
  switch (event.type) {
    case 'NoticeAttempted':
      return {
        ...notice,
        status: 'attempting',
        dueAt: event.data.abandonedAt,
        attempts: event.data.attempt,
        attemptsInRow: notice.attemptsInRow + 1,
      };
    case 'NoticeSent':
      return { ...notice, status: 'sent', dueAt: undefined, code: undefined };
    case 'NoticeDeferred':
      return {
        ...notice,
        status: 'due',
        dueAt: event.data.nextAttemptAt,
        code: event.data.code,
      };
    case 'NoticeFailed':
      return { ...notice, status: 'failed', dueAt: undefined, code: event.data.code };
    case 'NoticeReplayed':
      return { ...notice, status: 'due', dueAt: recordedAt, attemptsInRow: 0 };
    default:
      return unhandled(notice, event);
  }
}

/** An instant so many milliseconds later. */
export function later(instant: Instant, delayMs: number): Instant {
  return instantFromMillis(millisOf(instant) + delayMs);
}
