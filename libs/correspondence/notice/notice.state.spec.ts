import { describe, expect, it } from '@jest/globals';
import {
  attempted,
  deferred,
  NOTICE_FAILED,
  NOTICE_RAISED,
  NOTICE_REPLAYED,
  noticeAfter,
  RAISE,
  sent,
} from '#testing/notices';
import { later } from './notice.state.js';

const FOREVER = undefined;

describe('a notice', () => {
  it.each([
    ['raised', [NOTICE_RAISED], 'due', '2026-11-22T12:00:00.000Z', 0],
    [
      'attempted',
      [NOTICE_RAISED, attempted(1, '2026-11-22T13:00:00.000Z')],
      'attempting',
      '2026-11-22T13:00:00.000Z',
      1,
    ],
    [
      'deferred',
      [NOTICE_RAISED, attempted(1), deferred(1, '2026-11-22T14:00:00.000Z')],
      'due',
      '2026-11-22T14:00:00.000Z',
      1,
    ],
    ['sent', [NOTICE_RAISED, attempted(1), sent(1)], 'sent', FOREVER, 1],
    ['given up', [NOTICE_RAISED, attempted(1), NOTICE_FAILED], 'failed', FOREVER, 1],
    [
      'replayed',
      [NOTICE_RAISED, attempted(1), NOTICE_FAILED, NOTICE_REPLAYED],
      'due',
      '2026-11-22T12:00:03.000Z',
      0,
    ],
  ] as const)('that was %s', (...[, events, status, dueAt, attemptsInRow]) => {
    const notice = noticeAfter(...events);
    expect(notice).toMatchObject({ ...RAISE, status, attemptsInRow });
    expect(notice?.dueAt).toBe(dueAt);
  });

  it('is not there before it was raised', () => {
    expect(noticeAfter(attempted(1), sent(1))).toBeUndefined();
  });
});

describe('later', () => {
  it('goes over the end of a day', () => {
    expect(later('2026-11-22T23:59:59.500Z', 1_000)).toBe('2026-11-23T00:00:00.500Z');
  });
});
