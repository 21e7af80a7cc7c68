import { expect, it } from '@jest/globals';
import type { ObjectId } from 'mongodb';
import type { Fold, Rebuild } from '#read-models/port';
import {
  checkpoint,
  fold,
  later,
  samples,
  samplesAgain,
  sampleStream,
  storeAll,
} from '#testing/read-models';
import { mongoSuite } from './mongo-suite.js';
import type { MongoSpace } from './read-models-space.js';

const TABLE = 'sample_register';
const RECORD = { _id: 'redress-read-model' };
const REBUILDING = { code: 'read-models.rebuilding' };

function recordIn({ client, database }: MongoSpace, table = TABLE) {
  return client.db(database).collection<{ _id: string; generation?: ObjectId }>(table);
}

async function tablesIn({ client, database }: MongoSpace): Promise<readonly string[]> {
  const found = await client.db(database).listCollections({}, { nameOnly: true }).toArray();
  return found.map(({ name }) => name).toSorted();
}

/** A live read model of version 1 at position 3, and a whole build of version 3 beside it. */
async function built(
  space: MongoSpace,
): Promise<{ readonly build: Rebuild; readonly name: string }> {
  const readModels = await space.open();
  await storeAll(await readModels.writer(samples), [fold(1, 3, { size: 1 })]);
  const build = await readModels.rebuild(samplesAgain);
  await build.fill([fold(1, 3, { size: 100 })]);
  await build.complete(checkpoint(3));
  const [name = ''] = (await tablesIn(space)).filter((one) => one.includes('__rebuild_'));
  return { build, name };
}

/** What a switch does first; a crash here leaves it so. */
async function announce(space: MongoSpace, name: string): Promise<void> {
  const replacement = await recordIn(space, name).findOne(RECORD);
  await recordIn(space).updateOne(RECORD, { $set: { replacedBy: replacement?.generation } });
}

async function sizeIn(space: MongoSpace, projection: typeof samplesAgain): Promise<unknown> {
  const readModels = await space.open({ mode: 'read' });
  return (await readModels.get(projection, sampleStream(1)))?.document.size;
}

mongoSuite('switching rebuilt read models in MongoDB', (inSpace) => {
  it(
    'a crash before the switch leaves the old one, and the next attempt clears away the rest',
    inSpace(async (space) => {
      const { name } = await built(space);
      expect(await sizeIn(space, samplesAgain)).toBe(1);
      const build = await (await space.open()).rebuild(samplesAgain);
      expect(await tablesIn(space)).not.toContain(name);
      await build.discard();
      expect(await tablesIn(space)).toEqual([TABLE]);
    }),
  );

  it(
    'a crash between announcement and rename is finished by the next who wants to write',
    inSpace(async (space) => {
      const { name } = await built(space);
      await announce(space, name);
      expect(await sizeIn(space, samplesAgain)).toBe(1);
      const writer = await (await space.open()).writer(samplesAgain);
      expect(await writer.checkpoint()).toEqual(checkpoint(3));
      expect(await sizeIn(space, samplesAgain)).toBe(100);
      expect(await tablesIn(space)).toEqual([TABLE]);
    }),
  );

  it(
    'a crash after the announcement of a build that is gone leaves the old one writable',
    inSpace(async (space) => {
      const { name } = await built(space);
      await announce(space, name);
      await recordIn(space, name).drop();
      const writer = await (await space.open()).writer(samples);
      await storeAll(writer, [later(fold(1, 3), 4, { size: 2 })]);
      expect(await sizeIn(space, samples)).toBe(2);
    }),
  );

  it(
    'once a switch is announced nothing more is written to the old one',
    inSpace(async (space) => {
      const { build, name } = await built(space);
      const writer = await (await space.open()).writer(samples);
      await announce(space, name);
      const late = later(fold(1, 3), 4, { size: 2 });
      const batch = { changes: [{ before: undefined, after: late }], checkpoint: checkpoint(4) };
      // The old program finishes the switch, and then finds that it is not its own any more.
      await expect(writer.store(batch)).rejects.toMatchObject(REBUILDING);
      expect(await build.switchOver()).toBe(true);
      expect(await sizeIn(space, samplesAgain)).toBe(100);
      expect(await (await space.open()).count(samplesAgain, [])).toBe(1);
    }),
  );

  it(
    'two who finish the same switch finish it once',
    inSpace(async (space) => {
      const { build, name } = await built(space);
      await announce(space, name);
      const others = await Promise.all([1, 2, 3, 4].map(() => space.open()));
      const [switched] = await Promise.all([
        build.switchOver(),
        ...others.map((readModels) => readModels.writer(samplesAgain)),
      ]);
      expect(switched).toBe(true);
      expect(await sizeIn(space, samplesAgain)).toBe(100);
    }),
  );

  it(
    'takes no place from one that has come further in any partition',
    inSpace(async (space) => {
      const { build } = await built(space);
      const shared = await (await space.open()).sharedWriter(samples, new Map([[7, 1]]));
      await shared.store({ changes: [], checkpoint: checkpoint(5) });
      expect(await build.switchOver()).toBe(false);
      expect(await sizeIn(space, samplesAgain)).toBe(1);
      await build.store({ changes: [], checkpoint: checkpoint(5) });
      expect(await build.switchOver()).toBe(true);
      const record = await recordIn(space).findOne(RECORD);
      expect(record).toMatchObject({ partitions: { p7: { token: 1 }, p0: { token: 0 } } });
    }),
  );

  it(
    'a writer does not go on over events that the new build has not seen',
    inSpace(async (space) => {
      const readModels = await space.open();
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1), fold(2, 9)]);
      const other = await space.open();
      await other.forget(samples);
      await storeAll(await other.writer(samples), [fold(1, 1)]);
      const batch = { changes: [], checkpoint: checkpoint(10) };
      await expect(writer.store(batch)).rejects.toMatchObject(REBUILDING);
      const again = await readModels.writer(samples);
      expect(await again.checkpoint()).toEqual(checkpoint(1));
    }),
  );

  it(
    'an attempt that another one has cleared away ends, and leaves nothing',
    inSpace(async (space) => {
      const { build } = await built(space);
      const other = await (await space.open()).rebuild(samplesAgain);
      await expect(build.fill([fold(5, 5)])).rejects.toMatchObject(REBUILDING);
      await expect(build.switchOver()).rejects.toMatchObject(REBUILDING);
      await build.discard();
      await other.discard();
      expect(await tablesIn(space)).toEqual([TABLE]);
    }),
  );

  it(
    'takes the place of one that is absent, over rows that nobody owns',
    inSpace(async (space) => {
      const { build } = await built(space);
      await (await space.open()).forget(samples);
      await recordIn(space).insertOne({ _id: 'left behind' });
      expect(await build.switchOver()).toBe(true);
      expect(await sizeIn(space, samplesAgain)).toBe(100);
      expect(await recordIn(space).findOne({ _id: 'left behind' })).toBeNull();
    }),
  );

  it(
    'who reads while it is switched again and again sees one build, whole',
    inSpace(async (space) => {
      const readModels = await space.open();
      await readModels.writer(samples);
      const content = (colour: string): readonly Fold[] =>
        Array.from({ length: 40 }, (_, n) => fold(n, n, { colour, size: 1, weight: 1 }));
      const reader = await space.open({ mode: 'read' });
      const seen = new Set<string>();
      const switching = { done: false };
      const reading = async () => {
        while (!switching.done) {
          const { rows } = await reader.find(samples, { limit: 50 });
          const groups = await reader.group(samples, { by: ['colour'] });
          for (const [colour, count] of [
            [new Set(rows.map(({ document }) => document.colour)), rows.length],
            [new Set(groups.map(({ key }) => key['colour'])), groups[0]?.count ?? 0],
          ] as const) {
            seen.add(`${[...colour].length} colours, ${count} rows`);
          }
        }
      };
      const rounds = async () => {
        for (let round = 0; round < 12; round += 1) {
          const build = await readModels.rebuild(samples);
          await build.fill(content(`round ${round}`));
          await build.complete(checkpoint(40));
          expect(await build.switchOver()).toBe(true);
        }
        switching.done = true;
      };
      await Promise.all([rounds(), reading()]);
      expect([...seen].toSorted()).toEqual(['0 colours, 0 rows', '1 colours, 40 rows']);
    }),
    60_000,
  );
});
