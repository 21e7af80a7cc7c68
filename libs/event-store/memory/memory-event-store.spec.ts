import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog } from '#event-store/memory';
import type { EventStore } from '#event-store/port';
import {
  eventStoreContract,
  freshStream,
  readAfter,
  sampleEvents,
  type CommitFault,
  type EventStoreSpace,
} from '#testing/event-store';

function createSpace(): EventStoreSpace {
  const log = new MemoryLog();
  const opened: EventStore[] = [];
  let armed: CommitFault | undefined;
  const commit = (run: () => void) => {
    const fault = armed;
    armed = undefined;
    if (fault !== 'before-effect') run();
    if (fault) throw new Error(`the commit errs, ${fault}`);
  };
  const open = async () => {
    const store = new MemoryEventStore({ log, commit });
    opened.push(store);
    return store;
  };
  return {
    open,
    openReader: open,
    failNextCommit: (fault) => {
      armed = fault;
    },
    remove: async () => {
      await Promise.all(opened.map((store) => store.close()));
    },
  };
}

eventStoreContract('memory', {
  create: async () => createSpace(),
  commitFaults: { offered: true },
});

describe('MemoryEventStore', () => {
  it('is empty when made', async () => {
    const store = new MemoryEventStore();
    expect(await store.head()).toBeUndefined();
    expect(await store.countUpTo('0')).toBe(0);
  });

  it('counts positions from 0 without gaps', async () => {
    const store = new MemoryEventStore();
    await store.append(freshStream(), 'no-stream', sampleEvents(2));
    await store.append(freshStream(), 'no-stream', sampleEvents(2));
    const stored = await readAfter(store, undefined);
    expect(stored.map(({ position }) => position)).toEqual(['0', '1', '2', '3']);
  });
});
