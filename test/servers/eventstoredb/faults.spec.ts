import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { StoredEvent } from '#kernel';
import { AppendUnknown, holdsPosition, PositionUnknown, StoreUnavailable } from '#event-store/port';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import {
  eventOfSize,
  followUntil,
  freshStream,
  idsOf,
  readAfter,
  sampleEvent,
  sampleEvents,
  turns,
} from '#testing/event-store';
import { startDouble, type Double } from './double.js';

jest.setTimeout(60_000);

let double: Double;
let store: EventStoreDbEventStore;
let unhandled: unknown[];
const collect = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  unhandled = [];
  process.on('unhandledRejection', collect);
  double = await startDouble();
  store = await EventStoreDbEventStore.open({ url: double.url, readTimeoutMs: 1_000 });
});

afterEach(async () => {
  double.faults.thaw();
  double.faults.healAppends();
  await store.close();
  await double.stop();
  await turns(5);
  process.off('unhandledRejection', collect);
  expect(unhandled).toEqual([]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

type Following = { readonly events: Promise<readonly StoredEvent[]> };

/** A follower that has come to rest, until it has seen so many events. */
async function followerAtRest(count: number): Promise<Following> {
  const after = await store.head();
  const events = followUntil(store, { after, count }).then((followed) => followed.events);
  await until(() => double.faults.subscriptionCount > 0);
  return { events };
}

describe('a follower', () => {
  it.each([32, 40, 500])('loses nothing of a burst of %s that it is dropped for', async (count) => {
    const following = await followerAtRest(count);
    const events = sampleEvents(count);
    await store.append(freshStream(), 'no-stream', events);
    expect(idsOf(await following.events)).toEqual(idsOf(events));
    expect(double.faults.counters.tooSlow).toBeGreaterThan(0);
  });

  it('sees each of many appended at once, once and in order', async () => {
    const batches = Array.from({ length: 640 }, () => sampleEvents(1));
    const following = await followerAtRest(batches.length);
    let next = 0;
    const lane = async () => {
      for (let batch = batches[next++]; batch; batch = batches[next++]) {
        await store.append(freshStream(), 'no-stream', batch);
      }
    };
    await Promise.all(Array.from({ length: 64 }, lane));
    const followed = await following.events;
    expect(followed).toEqual(await readAfter(store, undefined));
    expect(idsOf(followed).toSorted()).toEqual(batches.flatMap(idsOf).toSorted());
  });

  it.each([1, 10, 13, 14] as const)('outlives code %s, and counts it', async (code) => {
    const following = await followerAtRest(5);
    for (let round = 0; round < 5; round += 1) {
      await until(() => double.faults.subscriptionCount > 0);
      expect(double.faults.abortSubscriptions(code)).toBe(1);
      await store.append(freshStream(), 'no-stream', sampleEvents(1));
    }
    expect(await following.events).toEqual(await readAfter(store, undefined));
    expect(store.resubscriptions).toBeGreaterThanOrEqual(1);
  });

  it('rests over events of the server, and reads them once', async () => {
    const following = await followerAtRest(2);
    for (let round = 0; round < 20; round += 1) {
      double.log.addSystemEvents(7);
      await turns(5);
    }
    const events = sampleEvents(2);
    await store.append(freshStream(), 'no-stream', events);
    expect(idsOf(await following.events)).toEqual(idsOf(events));
    expect(store.resubscriptions).toBe(0);
  });

  it('goes on after a restart of the server', async () => {
    const following = await followerAtRest(6);
    for (let round = 0; round < 3; round += 1) {
      await double.kill();
      const appending = store.append(freshStream(), 'no-stream', sampleEvents(2));
      await turns(20);
      await double.start();
      await appending;
    }
    expect(await following.events).toEqual(await readAfter(store, undefined));
  });
});

describe('an append', () => {
  it.each(['before-commit', 'after-commit'] as const)(
    'is stored once when cut %s',
    async (fault) => {
      const stream = freshStream();
      await store.append(stream, 'no-stream', sampleEvents(1));
      for (const expected of [0, 'any', 'stream-exists'] as const) {
        const before = await store.readStream(stream);
        const events = sampleEvents(3);
        double.faults.cutAppends(fault, 1);
        const at = expected === 0 ? before.length - 1 : expected;
        const appended = await store.append(stream, at, events);
        expect(appended).toMatchObject({ revision: before.length + 2, repeated: false });
        const stored = await store.readStream(stream);
        expect(idsOf(stored)).toEqual([...idsOf(before), ...idsOf(events)]);
        expect(stored.at(-1)?.position).toBe(appended.position);
      }
    },
  );

  it.each(['any', 'stream-exists'] as const)(
    'with %s is not doubled by a server that forgot its ids',
    async (expected) => {
      const stream = freshStream();
      await store.append(stream, 'no-stream', sampleEvents(1));
      const events = sampleEvents(2);
      double.faults.cutAppends('after-commit', 1);
      const appending = store.append(stream, expected, events);
      await until(() => double.faults.counters.appendsCut === 1);
      await double.kill();
      await double.start();
      expect(await appending).toMatchObject({ revision: 2 });
      expect(idsOf(await store.readStream(stream)).slice(1)).toEqual(idsOf(events));
    },
  );

  it('is neither lost nor doubled while connections are cut under load', async () => {
    const work = Array.from({ length: 400 }, () => ({
      stream: freshStream(),
      events: [eventOfSize(20_000)],
    }));
    // Each cut sends again whatever is not answered yet, which takes a busy machine its time.
    const patient = await EventStoreDbEventStore.open({ url: double.url, appendTimeoutMs: 50_000 });
    let done = 0;
    const cutting = (async () => {
      for (let cut = 1; cut <= 8; cut += 1) {
        await until(() => done >= cut * 40);
        double.faults.cutConnections();
      }
    })();
    await Promise.all(
      work.map(async ({ stream, events }) => {
        const { repeated } = await patient.append(stream, 'no-stream', events);
        expect(repeated).toBe(false);
        done += 1;
      }),
    );
    await cutting;
    await patient.close();
    const stored = await readAfter(store, undefined);
    const ids = work.flatMap(({ events }) => idsOf(events));
    expect(idsOf(stored).toSorted()).toEqual(ids.toSorted());
  });

  it('leaves a node that leads no longer, and is stored by the next leader', async () => {
    await store.append(freshStream(), 'no-stream', sampleEvents(1));
    double.faults.stepDown();
    const appending = Array.from({ length: 8 }, () =>
      store.append(freshStream(), 'no-stream', sampleEvents(1)),
    );
    for (const { repeated } of await Promise.all(appending)) expect(repeated).toBe(false);
    expect(await readAfter(store, undefined)).toHaveLength(9);
  });

  it('is unavailable, and surely not stored, where no server is', async () => {
    await double.kill();
    const hasty = await EventStoreDbEventStore.open({ url: double.url, appendTimeoutMs: 300 });
    const appending = hasty.append(freshStream(), 'no-stream', sampleEvents(1));
    await expect(appending).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(hasty.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(hasty.head()).rejects.toBeInstanceOf(StoreUnavailable);
    await hasty.close();
    await double.start();
    expect(await store.head()).toBeUndefined();
  });
});

describe('a server that freezes', () => {
  it('leaves appends unknown, and reads unavailable, in their time', async () => {
    const hasty = await EventStoreDbEventStore.open({
      url: double.url,
      appendTimeoutMs: 600,
      readTimeoutMs: 200,
    });
    const stream = freshStream();
    await hasty.append(stream, 'no-stream', sampleEvents(1));
    double.faults.freeze();
    const events = sampleEvents(2);
    const appending = hasty.append(stream, 0, events);
    await expect(appending).rejects.toBeInstanceOf(AppendUnknown);
    await expect(hasty.readStream(stream)).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(hasty.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    double.faults.thaw();
    const again = await hasty.append(stream, 0, events);
    expect(again.revision).toBe(2);
    expect(idsOf(await hasty.readStream(stream)).slice(1)).toEqual(idsOf(events));
    await hasty.close();
  });

  it('holds up what is under way, and no longer than it is frozen', async () => {
    const stream = freshStream();
    await store.append(stream, 'no-stream', sampleEvents(1));
    double.faults.freeze();
    const events = sampleEvents(2);
    const appending = store.append(stream, 'any', events);
    await turns(50);
    double.faults.thaw();
    await appending;
    expect(idsOf(await store.readStream(stream)).slice(1)).toEqual(idsOf(events));
  });

  it('does not hold up closing for ever', async () => {
    const hasty = await EventStoreDbEventStore.open({ url: double.url, appendTimeoutMs: 500 });
    await hasty.append(freshStream(), 'no-stream', sampleEvents(1));
    double.faults.freeze();
    const event = sampleEvent();
    const twins = [1, 2, 3, 4].map(() => hasty.append('twins', 'no-stream', [event]));
    const reading = hasty.readStream('twins');
    const settled = Promise.allSettled([...twins, reading]);
    await hasty.close();
    for (const { status } of await settled) expect(status).toBe('rejected');
  });
});

describe('a position of another log', () => {
  it('is told from those of this one, and followed by nobody', async () => {
    await store.append(freshStream(), 'no-stream', sampleEvents(3));
    const events = await readAfter(store, undefined);
    const held = events[1]?.position ?? '';
    const between = String(BigInt(held) + 1n);
    const beyond = String(BigInt(events.at(-1)?.position ?? '') + 1_000_000n);
    expect(await holdsPosition(store, held)).toBe(true);
    expect(await holdsPosition(store, between)).toBe(false);
    expect(await holdsPosition(store, beyond)).toBe(false);
    await expect(readAfter(store, between)).rejects.toBeInstanceOf(PositionUnknown);
    const { signal } = new AbortController();
    const following = store.follow({ after: between, signal })[Symbol.asyncIterator]();
    await expect(following.next()).rejects.toBeInstanceOf(PositionUnknown);
  });
});

describe('the log beside events of the server', () => {
  it('has none of them, in full pages, and counts none of them', async () => {
    const events = sampleEvents(60);
    for (const event of events) {
      await store.append(freshStream(), 'no-stream', [event]);
      double.log.addSystemEvents(2);
    }
    double.log.addSystemEvents(100);
    const pages: number[] = [];
    const read: StoredEvent[] = [];
    for await (const page of store.readAll({ pageSize: 25 })) {
      pages.push(page.length);
      read.push(...page);
    }
    expect(pages).toEqual([25, 25, 10]);
    expect(idsOf(read)).toEqual(idsOf(events));
    expect(await store.head()).toBe(read.at(-1)?.position);
    expect(await store.countUpTo(read[29]?.position ?? '')).toBe(30);
    expect(await store.countUpTo(read[59]?.position ?? '')).toBe(60);
    const { pages: followed } = await followUntil(store, {
      after: undefined,
      count: 60,
      pageSize: 25,
    });
    expect(followed.map((page) => [page.events.length, page.caughtUp])).toEqual([
      [25, false],
      [25, false],
      [10, true],
    ]);
  });
});
