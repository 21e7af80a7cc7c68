import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryReadModels } from '#read-models/memory';
import {
  checkFind,
  type CheckedFind,
  type Condition,
  type FindQuery,
  type Sort,
} from '#read-models/port';
import { checkpoint, fold, later, samples, storeAll } from '#testing/read-models';
import { Catalog } from './catalog.js';
import { openForReading } from './database-file.js';
import { statementsOf } from './find.js';
import { READ_MODELS_FILE, SqliteReadModels } from './sqlite-read-models.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'read-models-'));
  file = join(directory, READ_MODELS_FILE);
});

afterEach(() => rm(directory, { recursive: true }));

/** Uses the file as an analyst would, with SQL alone. */
function sql(text: string): readonly unknown[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(text).all();
  } finally {
    database.close();
  }
}

async function filled(): Promise<SqliteReadModels> {
  const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
  const all = Array.from({ length: 30 }, (_, i) => fold(i, i, { size: i % 4, colour: 'red' }));
  await storeAll(await readModels.writer(samples), all);
  return readModels;
}

describe('the read-model file', () => {
  it('is one plain table a read model, with its columns described', async () => {
    await (await filled()).close();
    expect(sql('SELECT size, open, notes FROM sample_register WHERE position = 5')).toEqual([
      { size: 1, open: null, notes: '[]' },
    ]);
    const columns = sql(`SELECT columnName, kind, description FROM redress_columns
      WHERE tableName = 'sample_register' AND columnName IN ('colour', 'position')`);
    expect(columns).toEqual([
      { columnName: 'colour', kind: 'string', description: 'A word.' },
      { columnName: 'position', kind: 'integer', description: 'Place of that event in the log.' },
    ]);
  });

  it('is refused when a newer program wrote it, when it is something else, or when there is no way', async () => {
    await (await filled()).close();
    sql('PRAGMA user_version = 2');
    for (const mode of ['read', 'write'] as const) {
      await expect(SqliteReadModels.open({ directory, mode })).rejects.toMatchObject({
        code: 'read-models.format-unknown',
      });
    }
    sql('PRAGMA user_version = 1');
    sql('PRAGMA application_id = 7');
    const unavailable = { code: 'read-models.unavailable' };
    await expect(SqliteReadModels.open({ directory, mode: 'write' })).rejects.toMatchObject(
      unavailable,
    );
    await writeFile(file, 'no database at all, but long enough to be taken for one'.repeat(100));
    await expect(SqliteReadModels.open({ directory, mode: 'write' })).rejects.toMatchObject(
      unavailable,
    );
    const under = join(file, 'folder');
    await expect(SqliteReadModels.open({ directory: under, mode: 'write' })).rejects.toMatchObject(
      unavailable,
    );
  });

  it('may be read before it is there', async () => {
    const reader = await SqliteReadModels.open({ directory, mode: 'read' });
    expect((await reader.status(samples)).condition).toBe('absent');
    const writer = await filled();
    expect((await reader.status(samples)).documents).toBe(30);
    await expect(reader.rebuild(samples)).rejects.toMatchObject({
      code: 'read-models.unavailable',
    });
    await reader.close();
    await writer.close();
  });

  it('is cleared of what a killed rebuild or comparison has left', async () => {
    const readModels = await filled();
    const build = await readModels.rebuild(samples);
    await build.fill([fold(1, 1)]);
    await readModels.close();
    // Above what any system gives as a process id.
    const leftover = join(directory, 'compare-2147483646-x');
    await mkdir(leftover);
    const again = await SqliteReadModels.open({ directory, mode: 'write' });
    const comparison = await again.comparison(samples);
    await comparison.discard();
    await again.close();
    expect(sql(`SELECT name FROM sqlite_schema WHERE name LIKE 'redress_build_%'`)).toEqual([]);
    expect(sql(`SELECT state FROM redress_read_models`)).toEqual([{ state: 'live' }]);
    await expect(rm(leftover, { recursive: true })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps neither rows nor checkpoint when a batch cannot be stored', async () => {
    const readModels = await filled();
    const writer = await readModels.writer(samples);
    const good = { before: undefined, after: fold(40, 40) };
    const wrong = { ...fold(41, 41), document: { ...fold(41, 41).document, size: 'big' } };
    const changes = [good, { before: undefined, after: wrong }];
    await expect(writer.store({ changes, checkpoint: checkpoint(41) })).rejects.toMatchObject({
      code: 'internal.invariant-broken',
    });
    expect(await readModels.count(samples, [])).toBe(30);
    expect(await writer.checkpoint()).toEqual(checkpoint(29));
    await readModels.close();
  });

  it('answers every filter with every sort, page and direction from an index, without sorting', async () => {
    const readModels = await filled();
    const session = openForReading(file);
    const stored = session && new Catalog(session).live(samples.name);
    if (!session || !stored) throw new Error('the file is there');
    const filters: readonly (readonly Condition[])[] = [
      [],
      [{ field: 'colour', is: 'eq', value: 'red' }],
      [{ field: 'colour', is: 'eq', value: null }],
      [{ field: 'size', is: 'eq', value: 1 }],
      [{ field: 'open', is: 'eq', value: true }],
      [{ field: 'dueAt', is: 'eq', value: null }],
    ];
    const sorts = ['size', 'dueAt', 'rank'].flatMap((field) =>
      (['ascending', 'descending'] as const).map((direction): Sort => ({ field, direction })),
    );
    const ranges: readonly (readonly Condition[])[] = filters.map((where) => [
      ...where,
      { field: 'rank', is: 'gte', value: 0 },
      { field: 'rank', is: 'lt', value: 5 },
    ]);
    const ranked = ['ascending', 'descending'] as const;
    const finds = [
      ...filters.flatMap((where) => sorts.flatMap((sort) => findsOf(where, sort))),
      ...ranges.flatMap((where) =>
        ranked.flatMap((direction) => findsOf(where, { field: 'rank', direction })),
      ),
    ];
    let plans = 0;
    for (const find of finds) {
      for (const { sql: text, parameters } of statementsOf(session, stored, find)) {
        const rows = session.all(`EXPLAIN QUERY PLAN ${text}`, parameters);
        const plan = rows.map((row) => String(row[3])).join('; ');
        const searched = find.where.length > 0 || find.after !== undefined;
        expect(plan).toMatch(searched ? BY_INDEX : ALONG_INDEX);
        expect(plan).not.toMatch(/TEMP B-TREE/);
        plans += 1;
      }
    }
    expect(plans).toBeGreaterThan(80);
    session.close();
    await readModels.close();
  });
});

const BY_INDEX = /^SEARCH sample_register USING INDEX redress_/;
const ALONG_INDEX = /^SCAN sample_register USING INDEX redress_/;

/** A first page, a page after a full value, and one after an empty value. */
function findsOf(where: readonly Condition[], sort: Sort): readonly CheckedFind[] {
  const first = checkFind(samples, { where, sort, limit: 5 });
  const value = sort.field === 'dueAt' ? '2026-01-01T00:00:00.000Z' : 1;
  const places = [value, null].map((each) => ({ value: each, firstPosition: '3' }));
  return [first, ...places.map((after) => ({ ...first, after }))];
}

const optional = <T>(values: readonly T[]) => fc.constantFrom(null, ...values);
const DAYS = ['2026-01-01', '2026-01-02'];
const INSTANTS = DAYS.map((day) => `${day}T00:00:00.000Z`);
const someSample = fc.record({
  colour: optional(['a', 'b', '\uFFFD', '\u{1F600}']),
  size: optional([-1, 0, 1, 2]),
  open: optional([true, false]),
  dueAt: optional(INSTANTS),
  day: optional(DAYS),
  weight: optional([1, 2, 3]),
  rank: optional([1, 2, 3]),
});
const ordered = fc.constantFrom('eq', 'lt', 'lte', 'gt', 'gte') as fc.Arbitrary<Condition['is']>;
const someCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    field: fc.constant('colour'),
    is: ordered,
    value: fc.constantFrom('a', 'b', '\uFFFD'),
  }),
  fc.record({ field: fc.constant('size'), is: ordered, value: fc.constantFrom(-1, 0, 1) }),
  fc.record({ field: fc.constant('dueAt'), is: ordered, value: fc.constantFrom(...INSTANTS) }),
  fc.record({
    field: fc.constant('open'),
    is: fc.constant('eq' as const),
    value: optional([true]),
  }),
  fc.record({
    field: fc.constantFrom('size', 'colour', 'dueAt'),
    is: fc.constant('eq' as const),
    value: fc.constant(null),
  }),
);
const someRankRange: fc.Arbitrary<Condition> = fc.record({
  field: fc.constant('rank'),
  is: fc.constantFrom('lt', 'lte', 'gt', 'gte'),
  value: fc.constantFrom(0, 1, 2, 3),
});
const someSort: fc.Arbitrary<Sort> = fc.record({
  field: fc.constantFrom('size', 'dueAt', 'rank'),
  direction: fc.constantFrom('ascending', 'descending'),
});

async function allPages(readModels: SqliteReadModels | MemoryReadModels, query: FindQuery) {
  const pages: unknown[] = [];
  let after: string | undefined;
  do {
    const found = await readModels.find(samples, after === undefined ? query : { ...query, after });
    pages.push(found);
    after = found.next;
  } while (after !== undefined && pages.length < 100);
  return pages;
}

describe('SQLite = memory, for any rows and queries', () => {
  it('finds, counts and groups the same', async () => {
    const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
    await fc.assert(
      fc.asyncProperty(
        fc.array(someSample, { minLength: 1, maxLength: 25 }),
        fc.array(someSample, { maxLength: 10 }),
        fc.array(
          fc.record({
            where: fc.array(someCondition, { maxLength: 3 }),
            ranges: fc.array(someRankRange, { maxLength: 2 }),
            sort: someSort,
            limit: fc.integer({ min: 1, max: 6 }),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async (made, changed, queries) => {
          await readModels.forget(samples);
          const memory = new MemoryReadModels();
          const before = made.map((sample, i) => fold(i, i, sample));
          const changes = changed.slice(0, made.length).map((sample, i) => {
            const was = before[i] ?? fold(i, i);
            return { before: was, after: later(was, 100 + i, sample) };
          });
          for (const each of [readModels, memory]) {
            const writer = await each.writer(samples);
            await storeAll(writer, before);
            await writer.store({ changes, checkpoint: checkpoint(200) });
          }
          for (const { where, ranges, sort, limit } of queries) {
            const find = {
              where: sort.field === 'rank' ? [...where, ...ranges] : where,
              sort,
              limit,
            };
            expect(await allPages(readModels, find)).toEqual(await allPages(memory, find));
            expect(await readModels.count(samples, where)).toBe(await memory.count(samples, where));
            const group = { by: ['colour', 'day'], where };
            expect(await readModels.group(samples, group)).toEqual(
              await memory.group(samples, group),
            );
            const histogram = { field: 'weight', bounds: [1, 2], where };
            expect(await readModels.histogram(samples, histogram)).toEqual(
              await memory.histogram(samples, histogram),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
    await readModels.close();
  }, 120_000);
});
