import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { sampleEvents } from '#testing/event-store';
import type { Probe } from '#wiring';
import { lagOf, verdictOn } from './lag.js';

const SERVER: Probe = { name: 'eventstore', address: '127.0.0.1:1', ping: () => Promise.resolve() };

/** A log of so many events, kept by a server or not. */
async function logOf(count: number, probes: readonly Probe[]) {
  const eventStore = new MemoryEventStore();
  if (count > 0) await eventStore.append('sample-a', 'any', sampleEvents(count));
  return { eventStore, probes };
}

async function readModelOf(count: number) {
  const { eventStore } = await logOf(count, []);
  const position = await eventStore.head();
  const checkpoint =
    position === undefined ? undefined : { position, eventsSeen: count, eventsMissing: 0 };
  return { condition: 'live' as const, checkpoint };
}

describe.each([
  ['embedded', []],
  ['on servers', [SERVER]],
])('the lag of a read model %s', (_where, probes) => {
  it.each([
    [5, 5, 0],
    [5, 3, 2],
    [5, 0, 5],
    [0, 0, 0],
  ])('with %s events, of which it saw %s, is %s', async (events, seen, lag) => {
    const counted = await lagOf(await logOf(events, probes), await readModelOf(seen));
    expect(counted).toEqual({ lag, events });
  });

  it.each([3, 0])('that saw 5 of %s events says that it is ahead of the log', async (events) => {
    const progress = await readModelOf(5);
    const counted = await lagOf(await logOf(events, probes), progress);
    expect(counted).toEqual({ lag: 0, events, isAhead: true });
    expect(verdictOn(progress, counted)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ahead of the log'),
    });
  });
});
