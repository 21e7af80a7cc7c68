import { describe, expect, it } from '@jest/globals';
import { ATTEMPTS_MAX, type NoticeEvent } from '#correspondence/contract';
import {
  attempted,
  deferred,
  NOTICE_FAILED,
  NOTICE_RAISED,
  NOTICE_REPLAYED,
  noticeAfter,
  sent,
  workerContext,
} from '#testing/notices';
import { retryDelayMs, settleAttempt } from './settle-attempt.decide.js';

const TAKEN = { kind: 'accepted', medium: 'smtp', messageId: '<a@b>' } as const;
const LATE = { kind: 'failed', code: 'mail.timeout' } as const;

describe('settle-attempt', () => {
  it('records what became of its own attempt, and of no other', () => {
    const own = noticeAfter(NOTICE_RAISED, attempted(1));
    expect(settleAttempt(own, { attempt: 1, outcome: TAKEN }, workerContext())).toEqual({
      kind: 'accepted',
      events: [sent(1)],
    });
    for (const other of [
      noticeAfter(NOTICE_RAISED),
      noticeAfter(NOTICE_RAISED, attempted(1), attempted(2)),
      noticeAfter(NOTICE_RAISED, attempted(1), sent(1)),
    ]) {
      expect(settleAttempt(other, { attempt: 1, outcome: TAKEN }, workerContext())).toMatchObject({
        code: 'notice.not-attempted',
      });
    }
    expect(settleAttempt(undefined, { attempt: 1, outcome: TAKEN }, workerContext())).toMatchObject(
      { code: 'notice.not-raised' },
    );
  });

  it('defers for longer each time, and gives up after the last attempt', () => {
    const history: NoticeEvent[] = [NOTICE_RAISED];
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
      history.push(attempted(attempt));
      expect(
        settleAttempt(noticeAfter(...history), { attempt, outcome: LATE }, workerContext()),
      ).toMatchObject({ events: [{ type: 'NoticeDeferred', data: { code: 'mail.timeout' } }] });
      history.push(deferred(attempt));
    }
    const attempt = ATTEMPTS_MAX;
    history.push(attempted(attempt));
    expect(
      settleAttempt(noticeAfter(...history), { attempt, outcome: LATE }, workerContext()),
    ).toEqual({
      kind: 'accepted',
      events: [{ type: 'NoticeFailed', data: { code: 'mail.timeout' } }],
    });
    // Once replayed, it has as many attempts as a new one.
    history.push(NOTICE_FAILED, NOTICE_REPLAYED, attempted(attempt + 1));
    const again = { attempt: attempt + 1, outcome: LATE };
    expect(settleAttempt(noticeAfter(...history), again, workerContext())).toMatchObject({
      events: [{ type: 'NoticeDeferred', data: { nextAttemptAt: '2026-11-23T12:00:30.000Z' } }],
    });
  });

  it('waits half a minute at first and six hours at most', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempts) => retryDelayMs(attempts) / 1_000);
    expect(delays).toEqual([30, 120, 480, 1_920, 7_680, 21_600, 21_600]);
  });

  it('gives up at once what was refused for good', () => {
    const outcome = { kind: 'refused', code: 'mail.refused' } as const;
    const notice = noticeAfter(NOTICE_RAISED, attempted(1));
    expect(settleAttempt(notice, { attempt: 1, outcome }, workerContext())).toEqual({
      kind: 'accepted',
      events: [NOTICE_FAILED],
    });
  });
});
