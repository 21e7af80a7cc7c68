import { describe, expect, it } from '@jest/globals';
import type { Bench } from './harness.js';
import { checkpoint, fold, later, samples, sampleStream, storeAll } from './samples.js';

export function writerContract(bench: Bench): void {
  describe('writer', () => {
    it('keeps every kind of value, and the checkpoint with it', async () => {
      const writer = await bench.readModels.writer(samples);
      const full = fold(1, 0, {
        colour: 'grün \u{1F600} "quoted"',
        size: -7,
        open: false,
        dueAt: '2026-11-22T09:30:00.000Z',
        day: '2026-11-22',
        weight: Number.MAX_SAFE_INTEGER,
        notes: ['b', 'a', ''],
      });
      await storeAll(writer, [full, fold(2, 1)]);
      expect(await bench.readModels.get(samples, full.id)).toEqual(full);
      expect(await bench.readModels.get(samples, sampleStream(2))).toEqual(fold(2, 1));
      expect(await bench.readModels.get(samples, sampleStream(3))).toBeUndefined();
      expect(await writer.checkpoint()).toEqual(checkpoint(1));
    });

    it('finds the same again after closing and opening, beside a reader too', async () => {
      await storeAll(await bench.readModels.writer(samples), [fold(1, 4, { size: 3 })]);
      const reader = await bench.space.openReader();
      expect(await reader.get(samples, sampleStream(1))).toEqual(fold(1, 4, { size: 3 }));
      await bench.readModels.close();
      bench.readModels = await bench.space.open();
      const writer = await bench.readModels.writer(samples);
      expect(await writer.checkpoint()).toEqual(checkpoint(4));
      expect([...(await writer.load([sampleStream(1), sampleStream(2)])).values()]).toEqual([
        fold(1, 4, { size: 3 }),
      ]);
    });

    it('storing twice is storing once, and nothing goes back', async () => {
      const writer = await bench.readModels.writer(samples);
      const first = fold(1, 0, { size: 1 });
      const second = later(first, 1, { size: 2, notes: ['x'] });
      await storeAll(writer, [first]);
      const step = { changes: [{ before: first, after: second }], checkpoint: checkpoint(1) };
      await writer.store(step);
      await writer.store(step);
      await storeAll(writer, [first]);
      expect(await bench.readModels.get(samples, first.id)).toEqual(second);
      expect(await writer.checkpoint()).toEqual(checkpoint(1));
    });

    it('writes the whole row when it is not what the writer believed', async () => {
      const writer = await bench.readModels.writer(samples);
      const first = fold(1, 0, { size: 1, colour: 'red' });
      const second = later(first, 1, { size: 2, colour: 'blue' });
      const third = later(second, 2, { size: 3 });
      await storeAll(writer, [first]);
      const changes = [{ before: second, after: third }];
      await writer.store({ changes, checkpoint: checkpoint(2) });
      expect(await bench.readModels.get(samples, first.id)).toEqual(third);
    });

    it('remembers a stream that has no document (any more), and shows none', async () => {
      const writer = await bench.readModels.writer(samples);
      const first = fold(1, 0, { size: 1 });
      const gone = { ...later(first, 1, {}), document: undefined };
      await storeAll(writer, [first]);
      await writer.store({ changes: [{ before: first, after: gone }], checkpoint: checkpoint(1) });
      expect(await bench.readModels.get(samples, first.id)).toBeUndefined();
      expect(await bench.readModels.count(samples, [])).toBe(0);
      expect((await writer.load([first.id])).get(first.id)).toEqual(gone);
      const back = later(gone, 2, { size: 9 });
      await writer.store({ changes: [{ before: gone, after: back }], checkpoint: checkpoint(2) });
      expect(await bench.readModels.get(samples, first.id)).toEqual(back);
    });

    it('wakes who waits for a position, and says when it did not come', async () => {
      const writer = await bench.readModels.writer(samples);
      const reader = await bench.space.openReader();
      expect(await reader.waitFor(samples, '0', 1)).toBe(false);
      const waiting = reader.waitFor(samples, '12', 10_000);
      await storeAll(writer, [fold(1, 12)]);
      expect(await waiting).toBe(true);
      expect(await reader.waitFor(samples, '9', 0)).toBe(true);
      expect(await reader.waitFor(samples, '100', 0)).toBe(false);
    });

    it('refuses work once closed', async () => {
      await bench.readModels.close();
      const refused = { code: 'read-models.unavailable' };
      await expect(bench.readModels.count(samples, [])).rejects.toMatchObject(refused);
      await expect(bench.readModels.writer(samples)).rejects.toMatchObject(refused);
    });
  });
}
