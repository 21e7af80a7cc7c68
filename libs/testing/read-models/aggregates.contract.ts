import { describe, expect, it } from '@jest/globals';
import type { Bench } from './harness.js';
import { fold, samples, storeAll } from './samples.js';

export function aggregatesContract(bench: Bench): void {
  describe('count, group, histogram', () => {
    const fill = async () => {
      const writer = await bench.readModels.writer(samples);
      await storeAll(writer, [
        fold(1, 1, { colour: 'red', open: true, weight: 10, day: '2026-01-01' }),
        fold(2, 2, { colour: 'red', open: false, weight: 11, day: '2026-01-02' }),
        fold(3, 3, { colour: 'blue', open: true, weight: null, day: '2026-01-03' }),
        fold(4, 4, { colour: null, open: true, weight: 99, day: null }),
        fold(5, 5, { colour: 'blue', open: true, weight: 20, day: '2026-01-01' }),
      ]);
    };

    it('counts by filters and by groups', async () => {
      await fill();
      expect(await bench.readModels.count(samples, [])).toBe(5);
      const red = { field: 'colour', is: 'eq', value: 'red' } as const;
      expect(await bench.readModels.count(samples, [red])).toBe(2);
      const early = { field: 'day', is: 'lte', value: '2026-01-02' } as const;
      expect(await bench.readModels.count(samples, [early])).toBe(3);
      expect(await bench.readModels.count(samples, [red, { ...red, value: 'blue' }])).toBe(0);
      const empty = { field: 'weight', is: 'eq', value: null } as const;
      expect(await bench.readModels.count(samples, [empty])).toBe(1);
    });

    it('groups, the largest first, then in order of the key with the empty one first', async () => {
      await fill();
      expect(await bench.readModels.group(samples, { by: ['colour'] })).toEqual([
        { key: { colour: 'blue' }, count: 2 },
        { key: { colour: 'red' }, count: 2 },
        { key: { colour: null }, count: 1 },
      ]);
      const where = [{ field: 'open', is: 'eq', value: true }] as const;
      expect(
        await bench.readModels.group(samples, { by: ['open', 'colour'], where, limit: 2 }),
      ).toEqual([
        { key: { open: true, colour: 'blue' }, count: 2 },
        { key: { open: true, colour: null }, count: 1 },
      ]);
    });

    it('fills a histogram: bounds inclusive, the rest at the end, empty ones apart', async () => {
      await fill();
      expect(
        await bench.readModels.histogram(samples, { field: 'weight', bounds: [10, 19, 20] }),
      ).toEqual({
        buckets: [
          { upTo: 10, count: 1 },
          { upTo: 19, count: 1 },
          { upTo: 20, count: 1 },
          { upTo: null, count: 1 },
        ],
        empty: 1,
      });
    });
  });
}
