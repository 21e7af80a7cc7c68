import { describe, expect, it } from '@jest/globals';
import { checkpoint, fold, later, samples, samplesLater, storeAll } from './samples.js';
import { EVERY_PARTITION, sampleIn, shareOf, type SharedBench } from './shared-harness.js';

export function sharesContract(bench: SharedBench): void {
  describe('shares', () => {
    it('is as far as its earliest partition, and so is the read model', async () => {
      const { one, other } = bench;
      const low = await one.sharedWriter(samples, shareOf([0, 1], 1));
      expect(await low.checkpoint()).toBeUndefined();
      await storeAll(low, [fold(sampleIn(0), 5), fold(sampleIn(1), 7)]);
      expect(await low.checkpoint()).toEqual(checkpoint(7));
      const high = await other.sharedWriter(samples, shareOf(EVERY_PARTITION.slice(2), 1));
      expect(await high.checkpoint()).toBeUndefined();
      expect((await one.progress(samples)).checkpoint).toBeUndefined();
      expect(await one.waitFor(samples, '3', 1)).toBe(false);
      await high.store({ changes: [], checkpoint: checkpoint(4) });
      expect(await high.checkpoint()).toEqual(checkpoint(4));
      expect(await low.checkpoint()).toEqual(checkpoint(7));
      for (const readModels of [one, other]) {
        expect((await readModels.progress(samples)).checkpoint).toEqual(checkpoint(4));
        expect(await readModels.waitFor(samples, '4', 0)).toBe(true);
        expect(await readModels.waitFor(samples, '5', 0)).toBe(false);
      }
      const both = await other.sharedWriter(samples, shareOf([1, 2], 2));
      expect(await both.checkpoint()).toEqual(checkpoint(4));
    });

    it('storing twice is storing once, and no partition goes back', async () => {
      const writer = await bench.one.sharedWriter(samples, shareOf([3, 4], 1));
      const first = fold(sampleIn(3), 1, { size: 1 });
      const second = later(first, 6, { size: 2 });
      await storeAll(writer, [first]);
      const step = { changes: [{ before: first, after: second }], checkpoint: checkpoint(6) };
      await writer.store(step);
      await writer.store(step);
      await storeAll(writer, [first]);
      expect(await writer.checkpoint()).toEqual(checkpoint(6));
      // Somebody takes one of them over, goes on from an earlier place, and does the same again.
      const wider = await bench.other.sharedWriter(samples, shareOf([4, 5], 2));
      expect(await wider.checkpoint()).toBeUndefined();
      await wider.store({ changes: [], checkpoint: checkpoint(2) });
      const narrow = await bench.other.sharedWriter(samples, shareOf([4], 2));
      expect(await narrow.checkpoint()).toEqual(checkpoint(6));
      expect((await narrow.load([first.id])).get(first.id)).toEqual(second);
    });

    it('forgets no missing event when partitions change hands', async () => {
      const writer = await bench.one.sharedWriter(samples, shareOf([0, 1], 1));
      await writer.store({ changes: [], checkpoint: { ...checkpoint(9), eventsMissing: 2 } });
      const third = await bench.other.sharedWriter(samples, shareOf([2], 1));
      await third.store({ changes: [], checkpoint: checkpoint(5) });
      const taken = await bench.other.sharedWriter(samples, shareOf([1, 2], 2));
      expect(await taken.checkpoint()).toEqual({ ...checkpoint(5), eventsMissing: 2 });
    });

    it('lets holders of different partitions write at the same time', async () => {
      const holders = await Promise.all(
        EVERY_PARTITION.map((partition) =>
          (partition % 2 === 0 ? bench.one : bench.other).sharedWriter(
            samples,
            shareOf([partition], 1),
          ),
        ),
      );
      await Promise.all(
        holders.map(async (writer, partition) => {
          const before = fold(sampleIn(partition), partition, { size: 1 });
          await storeAll(writer, [before]);
          const after = later(before, 100 + partition, { size: 2 });
          await writer.store({ changes: [{ before, after }], checkpoint: checkpoint(120) });
        }),
      );
      expect(await bench.one.count(samples, [{ field: 'size', is: 'eq', value: 2 }])).toBe(16);
      expect((await bench.other.progress(samples)).checkpoint).toEqual(checkpoint(120));
    });

    it('is made when absent, by many at once too, and refused when stale', async () => {
      const makers = EVERY_PARTITION.map((partition) =>
        bench.one.sharedWriter(samples, shareOf([partition], 1)),
      );
      await Promise.all([...makers, bench.other.sharedWriter(samples, shareOf([0], 1))]);
      expect(await bench.other.progress(samples)).toMatchObject({ condition: 'live', version: 1 });
      await expect(bench.one.sharedWriter(samplesLater, shareOf([0], 9))).rejects.toMatchObject({
        code: 'read-models.rebuilding',
      });
    });
  });
}
