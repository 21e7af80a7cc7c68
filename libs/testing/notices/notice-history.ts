import {
  evolveNotice,
  type Notice,
  type NoticeEvent,
  type RecordedNoticeEvent,
} from '#correspondence/contract';
import { instantFromMillis, millisOf, type CommandContext, type Instant } from '#kernel';

const START: Instant = '2026-11-22T12:00:00.000Z';
/** When commands under test are handled: a day after everything that was given. */
export const NOTICE_NOW: Instant = '2026-11-23T12:00:00.000Z';
export const CAUSE_ID = '9030a475-2db2-5413-9af3-fe73433c3330';

export const RAISE = {
  kind: 'decision',
  complaint: 'complaint-3b266682-fd6d-515a-b424-6a7185b9b764',
  causeId: CAUSE_ID,
  causeRevision: 4,
} as const;
export const NOTICE_RAISED: NoticeEvent = { type: 'NoticeRaised', data: RAISE };
export const NOTICE_FAILED: NoticeEvent = { type: 'NoticeFailed', data: { code: 'mail.refused' } };
export const NOTICE_REPLAYED: NoticeEvent = { type: 'NoticeReplayed', data: {} };

export function attempted(attempt: number, abandonedAt = START): NoticeEvent {
  return { type: 'NoticeAttempted', data: { attempt, abandonedAt } };
}

export function deferred(attempt: number, nextAttemptAt = START): NoticeEvent {
  return { type: 'NoticeDeferred', data: { attempt, code: 'mail.timeout', nextAttemptAt } };
}

export function sent(attempt: number): NoticeEvent {
  return { type: 'NoticeSent', data: { attempt, medium: 'smtp', messageId: '<a@b>' } };
}

export function workerContext(now: Instant = NOTICE_NOW): CommandContext {
  return { commandId: CAUSE_ID, actor: { id: 'redress', role: 'system', via: 'worker' }, now };
}

/** As a store would hand them back after decoding, a second apart. */
export function noticeHistory(...events: readonly NoticeEvent[]): readonly RecordedNoticeEvent[] {
  return events.map((event, revision) => {
    const metadata = {
      v: 1,
      ...workerContext(),
      recordedAt: instantFromMillis(millisOf(START) + revision * 1_000),
      correlationId: CAUSE_ID,
      $correlationId: CAUSE_ID,
      schemaVersion: 1,
      salt: 'AAAAAAAAAAAAAAAAAAAAAA',
    };
    const place = { id: CAUSE_ID, stream: `notice-${CAUSE_ID}`, revision, position: `${revision}` };
    // An event is its type and data: with its place and metadata it is a recorded one.
    return { ...event, ...place, metadata } as RecordedNoticeEvent;
  });
}

export function noticeAfter(...events: readonly NoticeEvent[]): Notice | undefined {
  return noticeHistory(...events).reduce(evolveNotice, undefined as Notice | undefined);
}
