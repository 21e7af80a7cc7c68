import { describe, expect, it } from '@jest/globals';
import type { Bench } from './harness.js';
import {
  checkpoint,
  fold,
  later,
  samples,
  samplesAgain,
  samplesLater,
  storeAll,
} from './samples.js';

const REBUILDING = { name: 'ReadModelsUnavailable', code: 'read-models.rebuilding' };

export function rebuildContract(bench: Bench): void {
  describe('versions', () => {
    it('is absent, then live; refuses to serve what is not built', async () => {
      const { readModels } = bench;
      expect(await readModels.status(samples)).toMatchObject({ condition: 'absent', documents: 0 });
      expect(await readModels.progress(samples)).toEqual({
        projection: samples.name,
        version: 0,
        condition: 'absent',
        checkpoint: undefined,
      });
      await expect(readModels.find(samples, { limit: 1 })).rejects.toMatchObject(REBUILDING);
      await storeAll(await readModels.writer(samples), [fold(1, 3)]);
      expect(await readModels.status(samples)).toEqual({
        projection: samples.name,
        version: 1,
        condition: 'live',
        checkpoint: checkpoint(3),
        documents: 1,
      });
      expect(await readModels.progress(samples)).toEqual({
        projection: samples.name,
        version: 1,
        condition: 'live',
        checkpoint: checkpoint(3),
      });
      await readModels.forget(samples);
      expect(await readModels.status(samples)).toMatchObject({ condition: 'absent' });
    });

    it('a stale one serves the columns it has and takes no writes', async () => {
      const { readModels } = bench;
      await storeAll(await readModels.writer(samples), [fold(1, 3, { colour: 'red', size: 2 })]);
      expect(await readModels.status(samplesLater)).toMatchObject({
        condition: 'stale',
        version: 1,
      });
      expect(await readModels.progress(samplesLater)).toMatchObject({ condition: 'stale' });
      const red = [{ field: 'colour', is: 'eq', value: 'red' }] as const;
      expect(await readModels.count(samplesLater, red)).toBe(1);
      expect((await readModels.find(samplesAgain, { where: red, limit: 5 })).rows).toHaveLength(1);
      const old = [{ field: 'age', is: 'eq', value: 1 }] as const;
      await expect(readModels.count(samplesLater, old)).rejects.toMatchObject(REBUILDING);
      await expect(readModels.find(samplesLater, { limit: 1 })).rejects.toMatchObject(REBUILDING);
      await expect(readModels.writer(samplesLater)).rejects.toMatchObject(REBUILDING);
      await expect(readModels.comparison(samplesLater)).rejects.toMatchObject(REBUILDING);
    });
  });

  describe('rebuild', () => {
    it('grows beside the live one and takes its place in one step', async () => {
      const { readModels } = bench;
      const first = fold(1, 1, { size: 1 });
      const writer = await readModels.writer(samples);
      await storeAll(writer, [first, fold(2, 2)]);
      const build = await readModels.rebuild(samplesAgain);
      await build.fill([
        { ...first, document: { ...fold(1, 1, { size: 100 }).document } },
        fold(2, 2),
      ]);
      await build.complete(checkpoint(1));
      expect(await readModels.get(samples, first.id)).toEqual(first);
      expect(await build.switchOver()).toBe(false);
      const loaded = (await build.load([first.id])).get(first.id);
      expect(loaded?.document?.size).toBe(100);
      const changed = later(loaded ?? first, 2, { size: 101 });
      const changes = [{ before: loaded, after: changed }];
      await build.store({ changes, checkpoint: checkpoint(2) });
      expect(await readModels.status(samplesAgain)).toMatchObject({ condition: 'stale' });
      expect(await build.switchOver()).toBe(true);
      expect(await readModels.get(samplesAgain, first.id)).toEqual(changed);
      expect(await readModels.status(samplesAgain)).toMatchObject({
        condition: 'live',
        checkpoint: checkpoint(2),
        documents: 2,
      });
      await build.discard();
      expect(await readModels.count(samplesAgain, [])).toBe(2);
      await expect(writer.store({ changes: [], checkpoint: checkpoint(9) })).rejects.toMatchObject(
        REBUILDING,
      );
      const sort = { field: 'size', direction: 'descending' } as const;
      const { rows } = await readModels.find(samplesAgain, { sort, limit: 1 });
      expect(rows).toEqual([changed]);
    });

    it('goes on writing to what took its place, when it is the same version', async () => {
      const { readModels } = bench;
      const first = fold(1, 1, { size: 1 });
      const writer = await readModels.writer(samples);
      await storeAll(writer, [first]);
      const build = await readModels.rebuild(samples);
      await build.fill([first]);
      await build.complete(checkpoint(1));
      expect(await build.switchOver()).toBe(true);
      const second = later(first, 2, { size: 2 });
      await writer.store({
        changes: [{ before: first, after: second }],
        checkpoint: checkpoint(2),
      });
      expect(await readModels.get(samples, first.id)).toEqual(second);
    });

    it('leaves nothing behind when discarded, nor an earlier attempt when begun again', async () => {
      const { readModels } = bench;
      await storeAll(await readModels.writer(samples), [fold(1, 1)]);
      const abandoned = await readModels.rebuild(samples);
      await abandoned.fill([fold(1, 1, { size: 5 })]);
      const build = await readModels.rebuild(samples);
      await build.fill([fold(1, 1, { size: 6 })]);
      await build.discard();
      await build.discard();
      expect(await readModels.get(samples, fold(1, 1).id)).toEqual(fold(1, 1));
    });
  });

  describe('comparison', () => {
    it('names what was changed, is missing, or should not be there', async () => {
      const { readModels } = bench;
      const writer = await readModels.writer(samples);
      const [same, changed, surplus, lost] = [1, 2, 3, 4].map((n) => fold(n, n, { size: n }));
      if (!same || !changed || !surplus || !lost) throw new Error('four folds');
      await storeAll(writer, [
        same,
        { ...changed, document: fold(2, 2, { colour: 'x', notes: ['n'] }).document },
        surplus,
      ]);
      const comparison = await (await bench.space.openReader()).comparison(samples);
      await comparison.fill([same, changed]);
      expect(await comparison.liveCheckpoint()).toEqual(checkpoint(3));
      await comparison.complete(checkpoint(2));
      expect(await comparison.hold()).toEqual(checkpoint(3));
      const changes = [{ before: undefined, after: lost }];
      await comparison.store({ changes, checkpoint: checkpoint(4) });
      // Written while the live one is held: not seen.
      await storeAll(writer, [fold(9, 9)]);
      const { documents, differing, first } = await comparison.differences(10);
      expect({ documents, differing }).toEqual({ documents: 3, differing: 3 });
      const named = [
        { id: changed.id, kind: 'changed', fields: ['colour', 'size', 'notes'] },
        { id: surplus.id, kind: 'surplus', fields: [] },
        { id: lost.id, kind: 'missing', fields: [] },
      ].map((difference) => ({ projection: samples.name, ...difference }));
      expect(first).toEqual(named.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
      expect((await comparison.differences(1)).first).toHaveLength(1);
      await comparison.discard();
      expect(await readModels.count(samples, [])).toBe(4);
    });
  });
}
