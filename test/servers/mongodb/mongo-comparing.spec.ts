import { expect, it } from '@jest/globals';
import { checkpoint, fold, later, samples, storeAll } from '#testing/read-models';
import { mongoSuite } from './mongo-suite.js';

mongoSuite('comparing read models in MongoDB', (inSpace) => {
  it(
    'judges nothing that was written while the copy was made, and all the rest',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      const folds = Array.from({ length: 30 }, (_, n) => fold(n, n, { size: n }));
      await storeAll(writer, folds);
      const comparison = await (await space.open({ mode: 'read' })).comparison(samples);
      await comparison.fill(folds);
      await comparison.complete(checkpoint(29));
      // Rows come before their checkpoint: these look as if a projector were at work on them.
      const rows = space.client.db(space.database).collection('sample_register');
      const [first, second, third] = folds;
      if (!first || !second || !third) throw new Error('thirty folds');
      const moved = { $set: { position: 40, revision: 1, size: 900 } };
      await rows.updateOne({ size: first.document?.['size'] }, moved);
      await rows.updateOne({ size: second.document?.['size'] }, { $set: { size: 901 } });
      const known = await rows.findOne({ size: third.document?.['size'] });
      await rows.insertOne({
        ...known,
        _id: 'sample-new',
        position: 41,
        firstPosition: 41,
      } as never);
      expect(await comparison.hold()).toEqual(checkpoint(29));
      const { documents, differing, first: named } = await comparison.differences(10);
      expect({ documents, differing }).toEqual({ documents: 29, differing: 1 });
      expect(named).toMatchObject([{ id: second.id, kind: 'changed', fields: ['size'] }]);
      await comparison.discard();
    }),
  );

  it(
    'agrees with itself while others keep writing',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      const folds = Array.from({ length: 200 }, (_, n) => fold(n, n, { size: n }));
      await storeAll(writer, folds);
      const writing = { done: false };
      const keepWriting = async () => {
        for (let step = 1; !writing.done; step += 1) {
          const n = step % folds.length;
          const before = folds[n];
          if (!before) throw new Error('no such fold');
          const at = step + 200;
          const after = { ...later(before, at, { size: at }), revision: step };
          await writer.store({ changes: [{ before, after }], checkpoint: checkpoint(at) });
        }
      };
      const compare = async () => {
        for (let round = 0; round < 5; round += 1) {
          const comparison = await (await space.open({ mode: 'read' })).comparison(samples);
          const held = await comparison.hold();
          expect(held).toBeDefined();
          const to = Number(held?.position);
          // What a fold of the log up to there makes: each step wrote one row.
          await comparison.fill(
            folds.map((one, n) => {
              const last = Math.floor((to - 200 - n) / folds.length) * folds.length + n;
              if (to <= 200 || last <= 0) return one;
              return { ...later(one, last + 200, { size: last + 200 }), revision: last };
            }),
          );
          await comparison.complete(held);
          const { documents, differing } = await comparison.differences(10);
          expect(differing).toBe(0);
          expect(documents).toBeGreaterThan(100);
          await comparison.discard();
        }
        writing.done = true;
      };
      await Promise.all([keepWriting(), compare().finally(() => (writing.done = true))]);
      const left = await space.client.db(space.database).listCollections().toArray();
      expect(left.map(({ name }) => name)).toEqual(['sample_register']);
    }),
    60_000,
  );
});
