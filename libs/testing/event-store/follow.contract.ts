import { describe, expect, it } from '@jest/globals';
import type { Position } from '#kernel';
import type { EventStore } from '#event-store/port';
import type { Bench } from './harness.js';
import {
  followUntil,
  freshStream,
  idsOf,
  readAfter,
  sampleEvents,
  startAfter,
  turns,
} from './samples.js';

const WRITERS = 8;
const APPENDS_EACH = 25;

/** Many writers at once, each to its own stream and now and then to a shared one. */
async function writeAtOnce(store: EventStore): Promise<number> {
  const shared = freshStream();
  const counts = await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const own = freshStream();
      let written = 0;
      for (let round = 0; round < APPENDS_EACH; round += 1) {
        const events = sampleEvents(1 + ((writer + round) % 3));
        await store.append(round % 5 === 0 ? shared : own, 'any', events);
        written += events.length;
      }
      return written;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** {@link writeAtOnce} writes so many: the writers' rounds fall on 1, 2 and 3 events in turn. */
const WRITTEN = Array.from({ length: WRITERS * APPENDS_EACH }, (_, index) => {
  return 1 + ((Math.floor(index / APPENDS_EACH) + (index % APPENDS_EACH)) % 3);
}).reduce((sum, count) => sum + count, 0);

export function followContract(bench: Bench): void {
  describe.each(['the writing store', 'a second store'] as const)('follow from %s', (from) => {
    const open = () => (from === 'the writing store' ? bench.store : bench.space.openReader());

    it('goes from what is stored into what comes, each event once and in order', async () => {
      const follower = await open();
      const start = await bench.store.head();
      await writeAtOnce(bench.store);
      const [followed] = await Promise.all([
        followUntil(follower, { after: start, count: 2 * WRITTEN, pageSize: 10 }),
        writeAtOnce(bench.store),
      ]);
      expect(followed.events).toEqual(await readAfter(bench.store, start));
      expect(followed.pages.every(({ events }) => events.length <= 10)).toBe(true);
    });

    it('wakes from rest for every append', async () => {
      const follower = await open();
      const start = await bench.store.head();
      const ending = new AbortController();
      const following = follower.follow({ ...startAfter(start), signal: ending.signal });
      const pages = following[Symbol.asyncIterator]();
      expect(await pages.next()).toEqual({ done: false, value: { events: [], caughtUp: true } });
      for (let round = 0; round < 10; round += 1) {
        const waiting = pages.next();
        await turns(round);
        const events = sampleEvents(2);
        await bench.store.append(freshStream(), 'no-stream', events);
        const page = await waiting;
        expect(page.done).toBe(false);
        expect(idsOf(page.value?.events ?? [])).toEqual(idsOf(events));
        expect(page.value?.caughtUp).toBe(true);
      }
      ending.abort();
      expect(await pages.next()).toEqual({ done: true, value: undefined });
    });

    it('lingers so that what comes together is read together', async () => {
      const follower = await open();
      const start = await bench.store.head();
      const following = followUntil(follower, { after: start, count: 40, lingerMs: 500 });
      for (let round = 0; round < 20; round += 1) {
        await bench.store.append(freshStream(), 'no-stream', sampleEvents(2));
      }
      const { events, pages } = await following;
      expect(events).toEqual(await readAfter(bench.store, start));
      expect(pages.length).toBeLessThan(20);
    });

    it('says when it has caught up, and has an empty page only to say so', async () => {
      const follower = await open();
      const start = await bench.store.head();
      await bench.store.append(freshStream(), 'no-stream', sampleEvents(25));
      const { pages } = await followUntil(follower, { after: start, count: 25, pageSize: 10 });
      expect(pages.map(({ events, caughtUp }) => [events.length, caughtUp])).toEqual([
        [10, false],
        [10, false],
        [5, true],
      ]);
    });

    it('resumes after the last position handled', async () => {
      const follower = await open();
      const start = await bench.store.head();
      const writing = writeAtOnce(bench.store);
      let after: Position | undefined = start;
      const seen: string[] = [];
      while (seen.length < WRITTEN) {
        const count = Math.min(37, WRITTEN - seen.length);
        const { events } = await followUntil(follower, { after, count, pageSize: 7 });
        after = events.at(-1)?.position;
        seen.push(...idsOf(events));
      }
      await writing;
      expect(seen).toEqual(idsOf(await readAfter(bench.store, start)));
    });

    it('waits for a slow consumer, who loses nothing and slows nobody', async () => {
      const follower = await open();
      const start = await bench.store.head();
      let written = false;
      const following = followUntil(follower, {
        after: start,
        count: WRITTEN,
        pageSize: 3,
        // The slowest of consumers: it looks at its second page when all is written.
        work: async () => {
          while (!written) await turns(1);
        },
      });
      await writeAtOnce(bench.store);
      written = true;
      expect((await following).events).toEqual(await readAfter(bench.store, start));
    });

    it('serves several followers, each at its own pace', async () => {
      const follower = await open();
      const start = await bench.store.head();
      const following = Promise.all(
        [1, 3, 10, 1_000].map((pageSize) => {
          const work = () => turns(pageSize % 4);
          return followUntil(follower, { after: start, count: WRITTEN, pageSize, work });
        }),
      );
      await writeAtOnce(bench.store);
      const expected = await readAfter(bench.store, start);
      for (const { events } of await following) expect(events).toEqual(expected);
    });
  });

  describe.each(['the writing store', 'a second store'] as const)(
    'ending a follow on %s',
    (from) => {
      const open = () => (from === 'the writing store' ? bench.store : bench.space.openReader());
      const done = { done: true, value: undefined };

      it('hands out nothing when it was aborted before', async () => {
        await bench.store.append(freshStream(), 'no-stream', sampleEvents(3));
        const following = (await open()).follow({ signal: AbortSignal.abort() });
        expect(await following[Symbol.asyncIterator]().next()).toEqual(done);
      });

      it('ends at once when aborted at rest', async () => {
        const start = await bench.store.head();
        const ending = new AbortController();
        const following = (await open()).follow({ ...startAfter(start), signal: ending.signal });
        const pages = following[Symbol.asyncIterator]();
        await pages.next();
        const waiting = pages.next();
        await turns(3);
        ending.abort();
        expect(await waiting).toEqual(done);
        expect(await pages.next()).toEqual(done);
      });

      it('ends at once when aborted while it lingers', async () => {
        const start = await bench.store.head();
        const ending = new AbortController();
        const options = { ...startAfter(start), signal: ending.signal, lingerMs: 3_600_000 };
        const pages = (await open()).follow(options)[Symbol.asyncIterator]();
        await pages.next();
        const waiting = pages.next();
        await bench.store.append(freshStream(), 'no-stream', sampleEvents(1));
        await turns(3);
        ending.abort();
        expect(await waiting).toEqual(done);
      });

      it('ends after the page in hand when aborted under way', async () => {
        const start = await bench.store.head();
        await bench.store.append(freshStream(), 'no-stream', sampleEvents(9));
        const ending = new AbortController();
        const options = { ...startAfter(start), signal: ending.signal, pageSize: 2 };
        const pages = (await open()).follow(options)[Symbol.asyncIterator]();
        expect((await pages.next()).value?.events).toHaveLength(2);
        ending.abort();
        expect(await pages.next()).toEqual(done);
      });

      it('ends when its store closes', async () => {
        const start = await bench.store.head();
        const store = await open();
        const options = { ...startAfter(start), signal: new AbortController().signal };
        const pages = store.follow(options)[Symbol.asyncIterator]();
        await pages.next();
        const waiting = pages.next();
        await turns(3);
        await store.close();
        expect(await waiting).toEqual(done);
      });
    },
  );
}
