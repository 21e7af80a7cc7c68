import { expect, it } from '@jest/globals';
import { partitionOf, type Fold } from '#read-models/port';
import { checkpoint, fold, later, samples, sampleStream, storeAll } from '#testing/read-models';
import { mongoSuite } from './mongo-suite.js';

const LOST = { code: 'read-models.share-lost' };

function change(after: Fold) {
  return { before: undefined, after };
}

/** Samples whose streams lie in a partition. */
function samplesIn(partition: number): readonly number[] {
  return Array.from({ length: 400 }, (_, n) => n).filter(
    (n) => partitionOf(sampleStream(n)) === partition,
  );
}

mongoSuite('read models in MongoDB that several projectors write', (inSpace) => {
  it(
    'an older token is refused, and nothing is written under it',
    inSpace(async (space) => {
      const readModels = await space.open();
      const older = await readModels.sharedWriter(
        samples,
        new Map([
          [0, 1],
          [1, 1],
        ]),
      );
      await older.store({ changes: [change(fold(1, 1))], checkpoint: checkpoint(1) });
      const newer = await (await space.open()).sharedWriter(samples, new Map([[1, 2]]));
      const late = { changes: [change(fold(2, 2))], checkpoint: checkpoint(2) };
      await expect(older.store(late)).rejects.toMatchObject(LOST);
      await expect(older.checkpoint()).rejects.toMatchObject(LOST);
      await expect(older.load([sampleStream(1)])).rejects.toMatchObject(LOST);
      const again = readModels.sharedWriter(samples, new Map([[1, 1]]));
      await expect(again).rejects.toMatchObject(LOST);
      expect(await readModels.get(samples, sampleStream(2))).toBeUndefined();
      expect(await newer.checkpoint()).toEqual(checkpoint(1));
      await newer.store(late);
      expect(await newer.checkpoint()).toEqual(checkpoint(2));
    }),
  );

  it(
    'a share of which one partition is lost moves none of its checkpoints',
    inSpace(async (space) => {
      const readModels = await space.open();
      const older = await readModels.sharedWriter(
        samples,
        new Map([
          [3, 5],
          [4, 5],
        ]),
      );
      await (await space.open()).sharedWriter(samples, new Map([[4, 6]]));
      const late = { changes: [], checkpoint: checkpoint(9) };
      await expect(older.store(late)).rejects.toMatchObject(LOST);
      const third = await readModels.sharedWriter(samples, new Map([[3, 6]]));
      expect(await third.checkpoint()).toBeUndefined();
    }),
  );

  it(
    'the earliest partition tells how far a share, and the whole, has come',
    inSpace(async (space) => {
      const readModels = await space.open();
      const all = Array.from({ length: 16 }, (_, n) => [n, 1] as const);
      const first = await readModels.sharedWriter(samples, new Map(all.slice(0, 8)));
      const second = await readModels.sharedWriter(samples, new Map(all.slice(8)));
      await first.store({
        changes: [],
        checkpoint: { position: '30', eventsSeen: 31, eventsMissing: 0 },
      });
      expect((await readModels.progress(samples)).checkpoint).toBeUndefined();
      expect(await readModels.waitFor(samples, '20', 0)).toBe(false);
      await second.store({
        changes: [],
        checkpoint: { position: '20', eventsSeen: 21, eventsMissing: 2 },
      });
      expect((await readModels.progress(samples)).checkpoint).toEqual({
        position: '20',
        eventsSeen: 21,
        eventsMissing: 2,
      });
      expect(await readModels.waitFor(samples, '20', 0)).toBe(true);
      expect(await readModels.waitFor(samples, '21', 0)).toBe(false);
      const both = await readModels.sharedWriter(
        samples,
        new Map([
          [7, 2],
          [8, 2],
        ]),
      );
      expect((await both.checkpoint())?.position).toBe('20');
      await both.store({
        changes: [],
        checkpoint: { position: '25', eventsSeen: 26, eventsMissing: 0 },
      });
      const alone = await readModels.sharedWriter(samples, new Map([[7, 3]]));
      expect(await alone.checkpoint()).toEqual({
        position: '30',
        eventsSeen: 31,
        eventsMissing: 0,
      });
    }),
  );

  it(
    'one who folds alone and those who share do each other no harm',
    inSpace(async (space) => {
      const readModels = await space.open();
      const numbers = [0, 5].flatMap((partition) => samplesIn(partition).slice(0, 10));
      const share = new Map([
        [0, 4],
        [5, 4],
      ]);
      const shared = await readModels.sharedWriter(samples, share);
      const alone = await (await space.open()).writer(samples);
      const steps = [1, 2, 3].map((step) =>
        numbers.map((n) => ({
          ...later(fold(n, n), step * 1_000 + n, { size: step }),
          revision: step,
        })),
      );
      const store = async (writer: typeof shared) => {
        for (const [step, folds] of steps.entries()) {
          const at = checkpoint((step + 1) * 1_000 + 999);
          await writer.store({ changes: folds.map(change), checkpoint: at });
        }
      };
      await Promise.all([store(shared), store(alone)]);
      const { rows } = await readModels.find(samples, { limit: 100 });
      expect(rows).toEqual(expect.arrayContaining(steps[2] ?? []) as unknown);
      expect(rows).toHaveLength(numbers.length);
      expect(await shared.checkpoint()).toEqual(checkpoint(3_999));
      await storeAll(alone, [fold(399, 5_000)]);
      await shared.store({ changes: [], checkpoint: checkpoint(6_000) });
    }),
  );

  it(
    'keeps tokens through a rebuild, and lets holders go on',
    inSpace(async (space) => {
      const readModels = await space.open();
      const older = await readModels.sharedWriter(samples, new Map([[2, 1]]));
      const holder = await readModels.sharedWriter(samples, new Map([[2, 7]]));
      const alone = await readModels.writer(samples);
      await alone.store({ changes: [], checkpoint: checkpoint(4) });
      const build = await readModels.rebuild(samples);
      await build.complete(checkpoint(4));
      expect(await build.switchOver()).toBe(true);
      const next = { changes: [], checkpoint: checkpoint(5) };
      await expect(older.store(next)).rejects.toMatchObject(LOST);
      await holder.store(next);
      expect(await holder.checkpoint()).toEqual(checkpoint(5));
    }),
  );

  it(
    'leases change only as they were read, whoever asks at the same moment',
    inSpace(async (space) => {
      const tables = await Promise.all(
        Array.from({ length: 8 }, async () => (await space.open()).leases),
      );
      const [table] = tables;
      if (!table) throw new Error('eight tables');
      const free = { id: 'partition-3', holder: null, token: 0, beat: 0 };
      const made = await Promise.all(tables.map((one) => one.replace(undefined, free)));
      expect(made.filter(Boolean)).toHaveLength(1);
      for (let round = 0; round < 5; round += 1) {
        const [known] = await table.all();
        const claims = await Promise.all(
          tables.map((one, n) => {
            const claim = { id: free.id, holder: `member-${n}`, token: round + 1, beat: n };
            return one.replace(known, claim);
          }),
        );
        expect(claims.filter(Boolean)).toHaveLength(1);
        const winner = claims.indexOf(true);
        expect(await table.all()).toEqual([
          { id: free.id, holder: `member-${winner}`, token: round + 1, beat: winner },
        ]);
        expect(await table.replace(known, free)).toBe(false);
      }
      await table.remove(free.id);
      await table.remove(free.id);
      expect(await table.all()).toEqual([]);
    }),
  );
});
