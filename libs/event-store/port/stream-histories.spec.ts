import { describe, expect, it } from '@jest/globals';
import type { DomainEvent } from '#kernel';
import { StreamHistories, type History } from './stream-histories.js';

function history(size: number): History<number, DomainEvent> {
  return { events: [], state: size, size };
}

function holding(...sizes: readonly (readonly [string, number])[]) {
  const histories = new StreamHistories<number, DomainEvent>(10);
  for (const [stream, size] of sizes) histories.remember(stream, history(size));
  return histories;
}

describe('stream histories', () => {
  it('remember a stream as it was read last', () => {
    expect(holding(['a', 1], ['a', 2]).get('a')).toEqual(history(2));
  });

  it('forget the streams that were not used for longest, by the size of their events', () => {
    const histories = holding(['a', 4], ['b', 4], ['a', 5], ['c', 5]);
    expect(['a', 'b', 'c'].filter((stream) => histories.get(stream))).toEqual(['a', 'c']);
  });

  it('count being asked for as being used', () => {
    const histories = holding(['a', 4], ['b', 4]);
    histories.get('a');
    histories.remember('c', history(4));
    expect(['a', 'b', 'c'].filter((stream) => histories.get(stream))).toEqual(['a', 'c']);
  });

  it('do not keep a stream that is too large by itself', () => {
    expect(holding(['a', 11]).get('a')).toBeUndefined();
  });
});
