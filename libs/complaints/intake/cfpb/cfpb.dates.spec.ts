import { describe, expect, it } from '@jest/globals';
import { instantOfDate } from './cfpb.dates.js';

describe('dates of the export', () => {
  it.each([
    ['3/19/2015', '2015-03-19T04:00:00.000Z'],
    ['1/2/2015', '2015-01-02T05:00:00.000Z'],
    ['07/18/2023', '2023-07-18T04:00:00.000Z'],
    ['2023-07-18', '2023-07-18T04:00:00.000Z'],
    ['2023-07-18T12:30:00', '2023-07-18T16:30:00.000Z'],
    ['2023-07-18 12:30', '2023-07-18T16:30:00.000Z'],
    ['2023-07-18T12:30:00.5Z', '2023-07-18T12:30:00.500Z'],
    ['2023-07-18T12:00:00-05:00', '2023-07-18T17:00:00.000Z'],
    ['2024-02-29', '2024-02-29T05:00:00.000Z'],
  ])('reads %s', (text, instant) => expect(instantOfDate(text)).toBe(instant));

  it('is right on the days the clocks change', () => {
    expect(instantOfDate('3/8/2015')).toBe('2015-03-08T05:00:00.000Z');
    expect(instantOfDate('3/9/2015')).toBe('2015-03-09T04:00:00.000Z');
    expect(instantOfDate('11/1/2015')).toBe('2015-11-01T04:00:00.000Z');
    expect(instantOfDate('2015-11-01T12:00:00')).toBe('2015-11-01T17:00:00.000Z');
    expect(instantOfDate('11/2/2015')).toBe('2015-11-02T05:00:00.000Z');
  });

  it.each(['', '2/30/2015', '13/1/2015', '2015-3-9', '19.3.2015', '1/1/15', '2015-01-01T25:00:00'])(
    'finds no date in "%s"',
    (text) => expect(instantOfDate(text)).toBeUndefined(),
  );
});
