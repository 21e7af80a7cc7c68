import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pause } from './arrivals.js';

const DAY_MS = 86_400_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a pause', () => {
  it.each([1, DAY_MS, 25 * DAY_MS, 365 * DAY_MS])('of %d ms lasts as long', async (delayMs) => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    let isOver = false;
    const pausing = pause(delayMs, new AbortController().signal).then(() => {
      isOver = true;
    });
    await jest.advanceTimersByTimeAsync(delayMs - 1);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await pausing;
    // Node sets a timer to 1 ms when it is to run for longer.
    for (const [, eachMs] of set.mock.calls) expect(eachMs).toBeLessThan(2 ** 31);
  });

  it('ends with its signal, and leaves no timer behind', async () => {
    const ending = new AbortController();
    const pausing = pause(365 * DAY_MS, ending.signal);
    await jest.advanceTimersByTimeAsync(100 * DAY_MS);
    ending.abort();
    await pausing;
    expect(jest.getTimerCount()).toBe(0);
  });
});
