import { describe, expect, it } from '@jest/globals';
import { monthOf, statedTimeliness, timelinessOf, weekOf } from './timeliness.policy.js';

describe('timeliness', () => {
  const decidedAt = '2026-03-10T12:00:00.000Z';

  it('goes by the verdict of the source, whatever was promised', () => {
    expect(timelinessOf({ timely: false, decidedAt }, '2026-04-01T00:00:00.000Z')).toBe('late');
    expect(timelinessOf({ timely: true, decidedAt }, '2026-03-01T00:00:00.000Z')).toBe('timely');
  });

  it('else by the promise, to the millisecond', () => {
    expect(timelinessOf({ decidedAt }, decidedAt)).toBe('timely');
    expect(timelinessOf({ decidedAt }, '2026-03-10T11:59:59.999Z')).toBe('late');
  });

  it('is not known where nothing was promised', () => {
    expect(timelinessOf({ decidedAt }, null)).toBeNull();
  });
});

describe('the week of a day', () => {
  // Year ends of ISO 8601: https://www.iso.org/iso-8601-date-and-time-format.html
  it.each([
    ['2005-01-01', '2004-W53'],
    ['2005-01-02', '2004-W53'],
    ['2005-12-31', '2005-W52'],
    ['2007-01-01', '2007-W01'],
    ['2008-12-28', '2008-W52'],
    ['2008-12-29', '2009-W01'],
    ['2010-01-03', '2009-W53'],
    ['2026-11-22', '2026-W47'],
  ])('of %s is %s', (day, week) => {
    expect(weekOf(`${day}T23:59:59.999Z`)).toBe(week);
  });

  it('lies in a month', () => {
    expect(monthOf('2026-11-30T23:59:59.999Z')).toBe('2026-11');
  });
});

describe('what a source states while there is no decision', () => {
  it.each([
    [undefined, null],
    [{}, null],
    [{ timely: true }, 'timely'],
    [{ timely: false }, 'late'],
  ])('%j is %s', (source, verdict) => expect(statedTimeliness(source)).toBe(verdict));
});
