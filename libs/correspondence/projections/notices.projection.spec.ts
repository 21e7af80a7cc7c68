import { describe, expect, it } from '@jest/globals';
import { evolveNotice, type Notice } from '#correspondence/contract';
import {
  attempted,
  deferred,
  NOTICE_FAILED,
  NOTICE_RAISED,
  NOTICE_REPLAYED,
  noticeHistory,
  sent,
} from '#testing/notices';
import { notices, type ListedNotice } from './notices.projection.js';

describe('the read model of notices', () => {
  it('says at every step the same as the state that commands are judged by', () => {
    let state: Notice | undefined;
    let row: ListedNotice | undefined;
    for (const event of noticeHistory(
      NOTICE_RAISED,
      attempted(1, '2026-11-22T12:05:00.000Z'),
      deferred(1, '2026-11-22T12:10:00.000Z'),
      attempted(2, '2026-11-22T12:15:00.000Z'),
      NOTICE_FAILED,
      NOTICE_REPLAYED,
      attempted(3, '2026-11-22T12:20:00.000Z'),
      sent(3),
    )) {
      state = evolveNotice(state, event);
      row = notices.evolve(row, event);
      const expected = state?.status === 'attempting' ? 'due' : state?.status;
      expect(row).toMatchObject({ state: expected, attempts: state?.attempts });
      expect(row?.dueAt ?? undefined).toBe(state?.dueAt);
    }
    expect(row).toMatchObject({ state: 'sent', replays: 1, attempts: 3, code: null });
  });

  it('begins with the raising', () => {
    const [, event] = noticeHistory(NOTICE_RAISED, attempted(1));
    expect(event && notices.evolve(undefined, event)).toBeUndefined();
  });
});
