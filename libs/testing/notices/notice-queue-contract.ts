import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { NoticesUnavailable } from '#notices/port';
import { gate, until, type QueueHarness, type QueueSpace } from './harness.js';

const CONTRACT_TIMEOUT_MS = 90_000;
const GRACE_MS = 30_000;
const MANY = 300;

function idsOf(count: number): readonly string[] {
  return Array.from({ length: count }, () => randomUUID());
}

/** What the port promises of queue and bookmark, shown for one adapter. */
export function noticeQueueContract(name: string, harness: QueueHarness): void {
  jest.setTimeout(CONTRACT_TIMEOUT_MS);
  describe(`notice queue contract: ${name}`, () => {
    let space: QueueSpace;

    beforeEach(async () => {
      space = await harness.create();
      await until(async () => {
        const [checked] = await Promise.allSettled([space.queue.check()]);
        return checked?.status === 'fulfilled';
      });
    });

    afterEach(() => space.remove());

    /** Notes each delivery; what they wait for is up to the test. */
    function work(concurrencyMax: number, opened?: Promise<void>): { readonly ids: string[] } {
      const ids: string[] = [];
      space.queue.work(
        async (id) => {
          ids.push(id);
          await opened;
        },
        { concurrencyMax },
      );
      return { ids };
    }

    it('hands over each notice once, however often it was armed while it waited', async () => {
      const ids = idsOf(MANY);
      for (let round = 0; round < 3; round += 1) await space.queue.arm(ids);
      const { waiting } = await space.queue.depth();
      expect(waiting).toBe(MANY);
      const delivered = work(4);
      await space.queue.arm(ids);
      await until(async () => {
        const { waiting: left, active } = await space.queue.depth();
        return left + active === 0;
      });
      // A notice that was handed over before the last arming may come once more, as said.
      expect([...new Set(delivered.ids)].toSorted()).toEqual(ids.toSorted());
      expect(space.faults).toEqual([]);
    });

    it('does not hand over a notice again while it is being delivered', async () => {
      const [id = ''] = idsOf(1);
      const { open, opened } = gate();
      const delivered = work(4, opened);
      await space.queue.arm([id]);
      await until(() => delivered.ids.length === 1);
      await space.queue.arm([id]);
      await space.queue.arm([id]);
      const others = idsOf(3);
      await space.queue.arm(others);
      await until(() => delivered.ids.length === 4);
      expect(delivered.ids.filter((one) => one === id)).toHaveLength(1);
      open();
    });

    it('hands over a notice again that is armed after it was delivered', async () => {
      const [id = ''] = idsOf(1);
      const delivered = work(1);
      for (let times = 1; times <= 3; times += 1) {
        await until(async () => {
          await space.queue.arm([id]);
          return delivered.ids.length >= times;
        });
      }
      expect(new Set(delivered.ids)).toEqual(new Set([id]));
    });

    it('delivers no more at one time than it was told', async () => {
      const { open, opened } = gate();
      const delivered = work(3, opened);
      await space.queue.arm(idsOf(10));
      // Counted as active first, and handed over a moment later.
      await until(async () => (await space.queue.depth()).active === 3 && delivered.ids.length > 2);
      expect(delivered.ids).toHaveLength(3);
      expect(await space.queue.depth()).toEqual({ waiting: 7, active: 3 });
      open();
      await until(() => delivered.ids.length === 10);
    });

    it('tells what a delivery threw, and goes on', async () => {
      const ids = idsOf(3);
      const tried: string[] = [];
      space.queue.work(
        async (id) => {
          tried.push(id);
          if (id === ids[1]) throw new Error('broken');
        },
        { concurrencyMax: 1 },
      );
      await space.queue.arm(ids);
      await until(() => tried.length >= 3);
      await until(() => space.faults.length === 1);
      expect(space.faults).toEqual([new Error('broken')]);
      await until(async () => {
        await space.queue.arm([ids[1] ?? '']);
        return tried.length >= 4;
      });
    });

    it('finishes what is being delivered when it is closed, and takes nothing new', async () => {
      const { open, opened } = gate();
      let finished = 0;
      const taken: string[] = [];
      space.queue.work(
        async (id) => {
          taken.push(id);
          await opened;
          finished += 1;
        },
        { concurrencyMax: 2 },
      );
      await space.queue.arm(idsOf(5));
      await until(() => taken.length === 2);
      const closed = space.queue.close(GRACE_MS);
      await expect(space.queue.arm(idsOf(1))).rejects.toThrow(NoticesUnavailable);
      open();
      await closed;
      expect({ taken: taken.length, finished }).toEqual({ taken: 2, finished: 2 });
      await space.queue.close(GRACE_MS);
      await expect(space.queue.check()).rejects.toThrow(NoticesUnavailable);
      await expect(space.queue.depth()).rejects.toThrow(NoticesUnavailable);
    });

    it('does not wait for ever for a delivery that does not end', async () => {
      const { open, opened } = gate();
      const delivered = work(1, opened);
      await space.queue.arm(idsOf(1));
      await until(() => delivered.ids.length === 1);
      await space.queue.close(1);
      open();
    });

    it('keeps a bookmark, over a restart too', async () => {
      expect(await space.bookmark.position()).toBeUndefined();
      await space.bookmark.advance('9');
      await space.bookmark.advance('18446744073709551615');
      expect(await space.bookmark.position()).toBe('18446744073709551615');
      expect(await space.reopenBookmark().position()).toBe('18446744073709551615');
    });
  });
}
