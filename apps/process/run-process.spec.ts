import { describe, expect, it } from '@jest/globals';
import { statusOf } from './run-process.js';

describe('the status of a process that could not start', () => {
  it.each([
    ['store.locked', 3],
    ['read-models.unavailable', 3],
    ['notices.eviction-policy', 3],
    ['configuration.invalid', 2],
    ['configuration.cannot-listen', 2],
  ])('for %s is %s, as docs/operations.md has it', (code, status) => {
    expect(statusOf(code)).toBe(status);
  });
});
