import { describe, expect, it } from '@jest/globals';
import { Turns, TURNS_WAITING_MAX } from './turns.js';
import { WitnessBusy } from './witness-errors.js';

/** Work that lasts until it is told to end. */
function held() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end: () => end(), work: () => ended };
}

describe('turns', () => {
  it('come one after the other for one name, and at once for two', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const first = held();
    const slow = turns.take('a', () => first.work().then(() => told.push('a1')));
    const next = turns.take('a', () => Promise.resolve(told.push('a2')));
    await turns.take('b', () => Promise.resolve(told.push('b1')));
    expect(told).toEqual(['b1']);
    first.end();
    await Promise.all([slow, next]);
    expect(told).toEqual(['b1', 'a1', 'a2']);
  });

  it('go on behind work that failed, which is told to its own caller only', async () => {
    const turns = new Turns();
    const failing = turns.take('a', () => Promise.reject(new Error('broken')));
    const next = turns.take('a', () => Promise.resolve('well'));
    await expect(failing).rejects.toThrow('broken');
    await expect(next).resolves.toBe('well');
  });

  it('have an end of waiting, and begin anew when the waiting is over', async () => {
    const turns = new Turns();
    const first = held();
    const waiting = Array.from({ length: TURNS_WAITING_MAX }, () => turns.take('a', first.work));
    await expect(turns.take('a', first.work)).rejects.toBeInstanceOf(WitnessBusy);
    await expect(turns.take('b', () => Promise.resolve(1))).resolves.toBe(1);
    first.end();
    await Promise.all(waiting);
    await expect(turns.take('a', () => Promise.resolve(2))).resolves.toBe(2);
  });
});
