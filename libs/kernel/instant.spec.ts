import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysBetween, instantFromMillis, isInstant, millisOf } from './instant.js';

const anyMillis = fc.integer({
  min: Date.parse('0001-01-01T00:00:00.000Z'),
  max: Date.parse('9999-12-31T23:59:59.999Z'),
});

describe('an instant', () => {
  it('is written in one way, and read back as itself', () => {
    fc.assert(
      fc.property(anyMillis, (millis) => {
        expect(isInstant(instantFromMillis(millis))).toBe(true);
        expect(millisOf(instantFromMillis(millis))).toBe(millis);
      }),
    );
  });

  it('sorts as text as it sorts in time', () => {
    fc.assert(
      fc.property(anyMillis, anyMillis, (a, b) => {
        expect(instantFromMillis(a) < instantFromMillis(b)).toBe(a < b);
      }),
    );
  });

  it.each([
    '2026-11-22',
    '2026-11-22T09:30:00Z',
    '2026-11-22T09:30:00.000',
    '2026-11-22T09:30:00.000+01:00',
    '2026-02-30T00:00:00.000Z',
    '2025-02-29T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-11-22T24:00:00.000Z',
    '2026-11-22T23:59:60.000Z',
    '2026-11-22t09:30:00.000z',
    '2026-11-22T09:30:00.000Z\n',
    '+02026-11-22T09:30:00.000Z',
    '',
  ])('is not %j', (text) => {
    expect(isInstant(text)).toBe(false);
  });

  it('takes the leap day of a leap year', () => {
    expect(isInstant('2024-02-29T23:59:59.999Z')).toBe(true);
  });

  it('counts whole UTC days, both ways, over leap days and year ends', () => {
    const days = (from: string, to: string) => daysBetween(`${from}.000Z`, `${to}.000Z`);
    expect(days('2024-02-28T23:59:59', '2024-03-01T00:00:00')).toBe(2);
    expect(days('2025-02-28T23:59:59', '2025-03-01T00:00:00')).toBe(1);
    expect(days('2026-12-31T00:00:00', '2027-01-01T23:59:59')).toBe(1);
    expect(days('2027-01-01T00:00:00', '2026-12-31T23:59:59')).toBe(-1);
    expect(days('2026-11-22T00:00:00', '2026-11-22T23:59:59')).toBe(0);
  });
});
