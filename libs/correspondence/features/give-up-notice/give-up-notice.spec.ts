import { describe, expect, it } from '@jest/globals';
import {
  attempted,
  NOTICE_FAILED,
  NOTICE_RAISED,
  noticeAfter,
  workerContext,
} from '#testing/notices';
import { giveUpNotice } from './give-up-notice.decide.js';

const NOBODY = { code: 'notice.no-address' } as const;

describe('give-up-notice', () => {
  it('makes a dead letter of a notice that is due', () => {
    expect(giveUpNotice(noticeAfter(NOTICE_RAISED), NOBODY, workerContext())).toEqual({
      kind: 'accepted',
      events: [{ type: 'NoticeFailed', data: NOBODY }],
    });
  });

  it('leaves alone what somebody sends now, what is settled, and what is not there', () => {
    const taken = noticeAfter(NOTICE_RAISED, attempted(1, '2026-11-24T12:00:00.000Z'));
    expect(giveUpNotice(taken, NOBODY, workerContext())).toMatchObject({ code: 'notice.not-due' });
    const failed = noticeAfter(NOTICE_RAISED, NOTICE_FAILED);
    expect(giveUpNotice(failed, NOBODY, workerContext())).toMatchObject({ code: 'notice.settled' });
    expect(giveUpNotice(undefined, NOBODY, workerContext())).toMatchObject({
      code: 'notice.not-raised',
    });
  });
});
