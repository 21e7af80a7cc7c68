import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { freshStream, readAfter, sampleEvents } from '#testing/event-store';
import { PositionUnknown, StoreUnavailable } from './errors.js';
import { holdsPosition } from './holds-position.js';

describe('holdsPosition', () => {
  it('knows every position of the log and none beyond its end', async () => {
    const store = new MemoryEventStore();
    expect(await holdsPosition(store, '0')).toBe(false);
    await store.append(freshStream(), 'no-stream', sampleEvents(3));
    for (const { position } of await readAfter(store, undefined)) {
      expect(await holdsPosition(store, position)).toBe(true);
    }
    expect(await holdsPosition(store, '3')).toBe(false);
  });

  it('takes a store that does not know the position at its word, and no other fault for that', async () => {
    const faults = [new PositionUnknown('none'), new StoreUnavailable('away')];
    class Faulty extends MemoryEventStore {
      override readAll(): AsyncGenerator<never> {
        throw faults.shift() ?? new Error('asked too often');
      }
    }
    const store = new Faulty();
    await store.append(freshStream(), 'no-stream', sampleEvents(3));
    expect(await holdsPosition(store, '1')).toBe(false);
    await expect(holdsPosition(store, '1')).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
