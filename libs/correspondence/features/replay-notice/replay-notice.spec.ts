import { describe, expect, it } from '@jest/globals';
import {
  attempted,
  NOTICE_FAILED,
  NOTICE_RAISED,
  NOTICE_REPLAYED,
  noticeAfter,
  sent,
} from '#testing/notices';
import { replayNotice } from './replay-notice.decide.js';

describe('replay-notice', () => {
  it('has a dead letter tried again, and nothing else', () => {
    expect(replayNotice(noticeAfter(NOTICE_RAISED, NOTICE_FAILED))).toEqual({
      kind: 'accepted',
      events: [NOTICE_REPLAYED],
    });
    for (const notice of [
      noticeAfter(NOTICE_RAISED),
      noticeAfter(NOTICE_RAISED, attempted(1)),
      noticeAfter(NOTICE_RAISED, attempted(1), sent(1)),
    ]) {
      expect(replayNotice(notice)).toMatchObject({ code: 'notice.not-failed' });
    }
    expect(replayNotice(undefined)).toMatchObject({ code: 'notice.not-raised' });
  });
});
