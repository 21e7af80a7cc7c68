import { expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import type { Fold, FoldWriter, Projection } from '#read-models/port';
import { checkpoint, fold, later, samples, sampleStream, storeAll } from '#testing/read-models';
import { mongoSuite } from './mongo-suite.js';
import type { MongoSpace } from './read-models-space.js';

const TABLE = 'sample_register';

function rowsIn({ client, database }: MongoSpace) {
  return client.db(database).collection<{ _id: string; [field: string]: unknown }>(TABLE);
}

function store(writer: FoldWriter, folds: readonly Fold[], at: number): Promise<void> {
  const changes = folds.map((after) => ({ before: undefined, after }));
  return writer.store({ changes, checkpoint: checkpoint(at) });
}

mongoSuite('writing read models to MongoDB', (inSpace) => {
  it(
    'a stale row amid fresh ones changes nothing, and hinders none',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      const newer = later(fold(2, 2), 9, { size: 9 });
      await storeAll(writer, [newer]);
      const older = [fold(1, 3, { size: 1 }), fold(2, 2, { size: 2 }), fold(3, 4, { size: 3 })];
      await store(writer, older, 10);
      const sizes = await Promise.all(
        [1, 2, 3].map(async (n) => (await readModels.get(samples, sampleStream(n)))?.document.size),
      );
      expect(sizes).toEqual([1, 9, 3]);
      expect(await writer.checkpoint()).toEqual(checkpoint(10));
    }),
  );

  it(
    'many writers of the same streams end with the newest of each',
    inSpace(async (space) => {
      const steps = Array.from({ length: 12 }, (_, step) =>
        Array.from({ length: 20 }, (__, n) => ({
          ...fold(n, n, { size: step, colour: `of step ${step}` }),
          revision: step,
          position: String(n + step * 100),
        })),
      );
      const writers = await Promise.all(
        steps.map(async () => (await space.open()).writer(samples)),
      );
      await Promise.all(
        steps.map((folds, step) => {
          const writer = writers[(step * 7) % writers.length];
          if (!writer) throw new Error('as many writers as steps');
          return store(writer, folds.toReversed(), step * 100 + 99);
        }),
      );
      const readModels = await space.open({ mode: 'read' });
      const { rows } = await readModels.find(samples, { limit: 100 });
      expect(new Set(rows.map(({ document }) => document.size))).toEqual(new Set([11]));
      expect(rows).toHaveLength(20);
      expect((await readModels.progress(samples)).checkpoint).toEqual(checkpoint(1199));
    }),
  );

  it(
    'what was stored before a crash, but for the checkpoint, is stored again to no effect',
    inSpace(async (space) => {
      const first = await (await space.open()).writer(samples);
      const before = [fold(1, 1, { size: 1 }), fold(2, 2, { size: 2 })];
      await storeAll(first, before);
      const record = { _id: 'redress-read-model' };
      const known = await rowsIn(space).findOne(record);
      const after = before.map((one, n) => later(one, 5 + n, { size: 50 + n }));
      await store(first, after, 7);
      // The crash: rows are there, the checkpoint is the one before.
      await rowsIn(space).replaceOne(record, known ?? {});
      const rows = await rowsIn(space).find().sort({ _id: 1 }).toArray();
      const again = await (await space.open()).writer(samples);
      expect(await again.checkpoint()).toEqual(checkpoint(2));
      expect((await again.load([sampleStream(1)])).get(sampleStream(1))).toEqual(after[0]);
      await store(again, after, 7);
      const shown = (all: readonly object[]) => all.filter((row) => !('generation' in row));
      expect(shown(await rowsIn(space).find().sort({ _id: 1 }).toArray())).toEqual(shown(rows));
      expect(await again.checkpoint()).toEqual(checkpoint(7));
    }),
  );

  it(
    'is plain to look at, and keeps what is no row out of sight',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      const notes = [{ $set: { 'a.b': 1 } }] as never;
      const gone = { ...fold(2, 2), document: undefined };
      await storeAll(writer, [fold(1, 1, { size: 7, notes }), gone]);
      expect(await rowsIn(space).findOne({ _id: sampleStream(1) })).toMatchObject({
        revision: 0,
        position: 1,
        firstPosition: 1,
        size: 7,
        colour: null,
        notes: [{ '%24set': { 'a%2Eb': 1 } }],
      });
      expect((await readModels.get(samples, sampleStream(1)))?.document.notes).toEqual(notes);
      const description = await rowsIn(space).findOne({ _id: 'redress-read-model' });
      expect(description?.['columns']).toContainEqual({
        name: 'colour',
        kind: 'string',
        description: 'A word.',
        filter: true,
        group: true,
      });
      expect(await readModels.count(samples, [])).toBe(1);
      expect(await readModels.count(samples, [{ field: 'colour', is: 'eq', value: null }])).toBe(1);
      expect(await readModels.group(samples, { by: ['open'] })).toEqual([
        { key: { open: null }, count: 1 },
      ]);
      expect((await readModels.find(samples, { limit: 9 })).rows).toHaveLength(1);
    }),
  );

  it(
    'rows of nobody are neither shown nor in the way',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1)]);
      const known = await rowsIn(space).findOne({ _id: sampleStream(1) });
      const stray = { ...known, _id: sampleStream(2), _generation: new ObjectId(), size: 666 };
      await rowsIn(space).insertOne(stray);
      expect(await readModels.count(samples, [])).toBe(1);
      expect(await readModels.get(samples, sampleStream(2))).toBeUndefined();
      expect(await writer.load([sampleStream(2)])).toEqual(new Map());
      await storeAll(writer, [fold(2, 2, { size: 2 }), fold(3, 3)]);
      expect((await readModels.get(samples, sampleStream(2)))?.document.size).toBe(2);
      expect(await readModels.count(samples, [])).toBe(3);
    }),
  );

  it(
    'makes the indexes that are missing and says which',
    inSpace(async (space) => {
      const made: string[] = [];
      const onIndexMade = ({ index }: { readonly index: string }) => made.push(index);
      const first = await space.open({ onIndexMade });
      await first.writer(samples);
      const wanted = made.toSorted();
      expect(wanted).toContain('redress_colour_size_firstPosition');
      expect(wanted).toContain('redress_rank_firstPosition');
      made.length = 0;
      await (await space.open({ onIndexMade })).writer(samples);
      expect(made).toEqual([]);
      const indexes = await rowsIn(space).listIndexes().toArray();
      const names = indexes.map(({ name }) => String(name)).filter((name) => name !== '_id_');
      expect(names.toSorted()).toEqual(wanted);
      await first.forget(samples);
      await rowsIn(space).createIndex(
        { size: 1, firstPosition: 1 },
        {
          name: 'redress_size_firstPosition',
        },
        {},
      );
      await (await space.open({ onIndexMade })).writer(samples);
      expect(made.toSorted()).toEqual(
        wanted.filter((name) => name !== 'redress_size_firstPosition'),
      );
    }),
  );

  it(
    'keeps to the limits of an index count, whatever is declared',
    inSpace(async (space) => {
      const many = Object.fromEntries(
        Array.from({ length: 30 }, (_, n) => [
          `field${n}`,
          { kind: 'string', description: 'One of many.', filter: true, sort: true } as const,
        ]),
      );
      const wide: Projection = {
        name: 'wide',
        version: 1,
        streamKind: 'sample',
        fields: many,
        evolve: () => undefined,
      };
      const made: string[] = [];
      const onIndexMade = ({ index }: { readonly index: string }) => made.push(index);
      await (await space.open({ onIndexMade })).writer(wide);
      expect(made).toHaveLength(30);
    }),
  );

  it(
    'no operator from outside reaches the driver',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1, { size: 1 })]);
      const evil = { $gt: '' } as never;
      expect(await readModels.get(samples, evil)).toBeUndefined();
      const where = [{ field: 'colour', is: 'eq', value: evil }] as const;
      await expect(readModels.count(samples, where)).rejects.toMatchObject({
        code: 'query.bad-value',
      });
      const field = [{ field: '$where', is: 'eq', value: 'sleep(1)' }] as const;
      await expect(readModels.count(samples, field)).rejects.toMatchObject({
        code: 'query.unknown-field',
      });
      const text = [{ field: 'colour', is: 'eq', value: '$size' }] as const;
      expect(await readModels.count(samples, text)).toBe(0);
      expect(await writer.load([evil])).toEqual(new Map());
    }),
  );
});
