import { describe, expect, it } from '@jest/globals';
import { NOTICE_RAISED, noticeAfter, RAISE } from '#testing/notices';
import { raiseNotice } from './raise-notice.decide.js';

describe('raise-notice', () => {
  it('records it once for its cause', () => {
    expect(raiseNotice(undefined, RAISE)).toEqual({ kind: 'accepted', events: [NOTICE_RAISED] });
    expect(raiseNotice(noticeAfter(NOTICE_RAISED), RAISE)).toEqual({
      kind: 'accepted',
      events: [],
    });
  });
});
