import { describe, expect, it } from '@jest/globals';
import type { DomainEvent, EventMetadata, Recorded } from '#kernel';
import { StreamHistories } from './stream-histories.js';

function events(count: number): readonly Recorded[] {
  return Array.from({ length: count }, (_, revision) => ({
    type: 'Added',
    data: {},
    id: `event-${revision}`,
    stream: 'sum-1',
    revision,
    position: String(revision),
    metadata: {} as EventMetadata,
  }));
}

describe('stream histories', () => {
  it('remember a stream as it was read last', () => {
    const histories = new StreamHistories<number, DomainEvent>(10);
    histories.remember('a', { events: events(1), state: 1 });
    histories.remember('a', { events: events(2), state: 2 });
    expect(histories.get('a')).toEqual({ events: events(2), state: 2 });
  });

  it('forget the streams that were not used for longest, by their events', () => {
    const histories = new StreamHistories<number, DomainEvent>(10);
    histories.remember('a', { events: events(4), state: 4 });
    histories.remember('b', { events: events(4), state: 4 });
    histories.remember('a', { events: events(5), state: 5 });
    histories.remember('c', { events: events(5), state: 5 });
    expect(['a', 'b', 'c'].filter((stream) => histories.get(stream))).toEqual(['a', 'c']);
  });

  it('do not keep a stream that is too large by itself', () => {
    const histories = new StreamHistories<number, DomainEvent>(10);
    histories.remember('a', { events: events(11), state: 11 });
    expect(histories.get('a')).toBeUndefined();
  });
});
