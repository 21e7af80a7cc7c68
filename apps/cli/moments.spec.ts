import { describe, expect, it } from '@jest/globals';
import { UsageError } from './exit-status.js';
import { instantOf } from './moments.js';

describe('a moment as people write it', () => {
  it.each([
    ['2026-11-22T09:30Z', '2026-11-22T09:30:00.000Z'],
    ['2026-11-22T00:30+02:00', '2026-11-21T22:30:00.000Z'],
    ['2024-02-29', '2024-02-29T23:59:59.999Z'],
    ['2024-02-29T23:59:59.5-01:00', '2024-03-01T00:59:59.500Z'],
  ])('takes %s', (text, instant) => {
    expect(instantOf(text)).toBe(instant);
  });

  it.each([
    '2026-02-30',
    '2026-02-30T10:00Z',
    '2025-06-31T00:00:00+02:00',
    '2025-02-29T12:00Z',
    '2026-11-22T24:00Z',
    '2026-11-22T10:60Z',
    '2026-13-01T10:00Z',
    '2026-11-22T10:00',
  ])('refuses %s', (text) => {
    expect(() => instantOf(text)).toThrow(UsageError);
  });
});
