import { describe, expect, it } from '@jest/globals';
import { checkpoint, fold, later, samples, samplesLater, storeAll } from './samples.js';
import { EVERY_PARTITION, sampleIn, shareOf, type SharedBench } from './shared-harness.js';

const LOST = { name: 'ShareLost', code: 'read-models.share-lost' };

export function fencingContract(bench: SharedBench): void {
  describe('fencing', () => {
    it('an older token stores nothing, moves nothing, and takes nothing back', async () => {
      const { one, other } = bench;
      const first = fold(sampleIn(2), 1, { size: 1 });
      const old = await one.sharedWriter(samples, shareOf([2], 1));
      await storeAll(old, [first]);
      const newer = await other.sharedWriter(samples, shareOf([2], 2));
      const mine = later(first, 3, { size: 3 });
      const changes = [{ before: first, after: later(first, 8, { size: 8 }) }];
      await expect(old.store({ changes, checkpoint: checkpoint(8) })).rejects.toMatchObject(LOST);
      expect(await newer.checkpoint()).toEqual(checkpoint(1));
      expect(await other.get(samples, first.id)).toEqual(first);
      await newer.store({
        changes: [{ before: first, after: mine }],
        checkpoint: checkpoint(3),
      });
      await expect(old.store({ changes, checkpoint: checkpoint(8) })).rejects.toMatchObject(LOST);
      await expect(one.sharedWriter(samples, shareOf([2], 1))).rejects.toMatchObject(LOST);
      expect(await newer.checkpoint()).toEqual(checkpoint(3));
      expect(await one.get(samples, first.id)).toEqual(mine);
    });

    it('a share of which one partition is lost is lost, the others are there to be had', async () => {
      const { one, other } = bench;
      const old = await one.sharedWriter(samples, shareOf([6, 7], 4));
      const newer = await other.sharedWriter(samples, shareOf([7], 5));
      await expect(old.store({ changes: [], checkpoint: checkpoint(2) })).rejects.toMatchObject(
        LOST,
      );
      expect(await newer.checkpoint()).toBeUndefined();
      await expect(one.sharedWriter(samples, shareOf([6, 7], 4))).rejects.toMatchObject(LOST);
      const left = await one.sharedWriter(samples, shareOf([6], 4));
      await left.store({ changes: [], checkpoint: checkpoint(2) });
      expect(await left.checkpoint()).toEqual(checkpoint(2));
      await newer.store({ changes: [], checkpoint: checkpoint(1) });
      expect(await newer.checkpoint()).toEqual(checkpoint(1));
    });

    it('the same token may come again: a holder that begins anew', async () => {
      const first = await bench.one.sharedWriter(samples, shareOf([1], 3));
      await first.store({ changes: [], checkpoint: checkpoint(2) });
      const again = await bench.one.sharedWriter(samples, shareOf([1], 3));
      expect(await again.checkpoint()).toEqual(checkpoint(2));
      await again.store({ changes: [], checkpoint: checkpoint(4) });
      expect(await again.checkpoint()).toEqual(checkpoint(4));
    });

    it('the partitions of one projection say nothing of another', async () => {
      const neighbour = { ...samples, name: 'sample-neighbour' };
      await bench.other.sharedWriter(neighbour, shareOf([1], 9));
      const writer = await bench.one.sharedWriter(samples, shareOf([1], 1));
      await writer.store({ changes: [], checkpoint: checkpoint(2) });
      expect(await writer.checkpoint()).toEqual(checkpoint(2));
    });
  });

  describe('a rebuild among holders', () => {
    it('is not switched to while any partition has come further', async () => {
      const { one, other } = bench;
      const rest = await one.sharedWriter(samples, shareOf(EVERY_PARTITION.slice(1), 1));
      await rest.store({ changes: [], checkpoint: checkpoint(3) });
      const ahead = await other.sharedWriter(samples, shareOf([0], 1));
      await storeAll(ahead, [fold(sampleIn(0), 5)]);
      expect(await other.progress(samples)).toMatchObject({
        checkpoint: checkpoint(3),
        furthest: '5',
      });
      const build = await one.rebuild(samples);
      await build.complete(checkpoint(3));
      expect(await build.switchOver()).toBe(false);
      const changes = [{ before: undefined, after: fold(sampleIn(0), 5) }];
      await build.store({ changes, checkpoint: checkpoint(5) });
      expect(await build.switchOver()).toBe(true);
      expect((await other.progress(samples)).checkpoint).toEqual(checkpoint(5));
    });

    /**
     * A holder has read how far the one before was and goes on from there. What took its place may
     * be less far by then, and would never be told of the events between.
     */
    it('sends holders back to read how far the new one is, and remembers their tokens', async () => {
      const { one, other } = bench;
      const first = fold(sampleIn(0), 1, { size: 1 });
      const second = later(first, 2, { size: 2 });
      const holder = await one.sharedWriter(samples, shareOf(EVERY_PARTITION, 3));
      await storeAll(holder, [first]);
      const build = await other.rebuild(samples);
      await build.fill([first]);
      await build.complete(checkpoint(1));
      expect(await build.switchOver()).toBe(true);
      const step = { changes: [{ before: first, after: second }], checkpoint: checkpoint(2) };
      await expect(holder.store(step)).rejects.toMatchObject(LOST);
      await expect(one.sharedWriter(samples, shareOf([0], 2))).rejects.toMatchObject(LOST);
      const again = await one.sharedWriter(samples, shareOf(EVERY_PARTITION, 3));
      expect(await again.checkpoint()).toEqual(checkpoint(1));
      await again.store(step);
      expect(await other.get(samples, first.id)).toEqual(second);
      expect((await other.progress(samples)).checkpoint).toEqual(checkpoint(2));
    });

    it('of a later version shuts holders of the earlier one out', async () => {
      const { one, other } = bench;
      const first = fold(sampleIn(0), 1, { size: 1 });
      const holder = await one.sharedWriter(samples, shareOf(EVERY_PARTITION, 1));
      await storeAll(holder, [first]);
      const build = await other.rebuild(samplesLater);
      await build.complete(checkpoint(1));
      expect(await build.switchOver()).toBe(true);
      const step = {
        changes: [{ before: undefined, after: fold(sampleIn(0, 1), 2) }],
        checkpoint: checkpoint(2),
      };
      await expect(holder.store(step)).rejects.toMatchObject({ code: 'read-models.rebuilding' });
      expect(await other.count(samplesLater, [])).toBe(0);
      expect((await other.progress(samplesLater)).checkpoint).toEqual(checkpoint(1));
    });
  });
}
