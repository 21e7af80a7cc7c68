import { describe, expect, it } from '@jest/globals';
import {
  attempted,
  NOTICE_FAILED,
  NOTICE_RAISED,
  noticeAfter,
  sent,
  workerContext,
} from '#testing/notices';
import { attemptDelivery } from './attempt-delivery.decide.js';

const ATTEMPT = { timeoutMs: 60_000 };
const ABANDONED_AT = '2026-11-23T12:01:00.000Z';

describe('attempt-delivery', () => {
  it('takes a notice that is due, for a while', () => {
    expect(attemptDelivery(noticeAfter(NOTICE_RAISED), ATTEMPT, workerContext())).toEqual({
      kind: 'accepted',
      events: [attempted(1, ABANDONED_AT)],
    });
  });

  it('leaves it to whoever has it, until the attempt counts as abandoned', () => {
    const taken = noticeAfter(NOTICE_RAISED, attempted(1, ABANDONED_AT));
    expect(attemptDelivery(taken, ATTEMPT, workerContext())).toMatchObject({
      code: 'notice.not-due',
    });
    expect(attemptDelivery(taken, ATTEMPT, workerContext(ABANDONED_AT))).toMatchObject({
      events: [{ data: { attempt: 2 } }],
    });
  });

  it('refuses what was sent, given up, or never raised', () => {
    for (const settled of [sent(1), NOTICE_FAILED]) {
      const notice = noticeAfter(NOTICE_RAISED, attempted(1), settled);
      expect(attemptDelivery(notice, ATTEMPT, workerContext())).toMatchObject({
        code: 'notice.settled',
      });
    }
    expect(attemptDelivery(undefined, ATTEMPT, workerContext())).toMatchObject({
      code: 'notice.not-raised',
    });
  });
});
