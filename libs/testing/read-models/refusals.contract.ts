import { describe, expect, it } from '@jest/globals';
import { FIND_LIMIT_MAX, type Condition } from '#read-models/port';
import type { Bench } from './harness.js';
import { fold, samples, storeAll } from './samples.js';

/** What comes from outside need not be what the types say. */
const wild = (value: unknown) => value as never;

export function refusalsContract(bench: Bench): void {
  describe('refusals', () => {
    const refuses = async (answer: Promise<unknown>, code: string) => {
      await expect(answer).rejects.toMatchObject({ name: 'QueryRefused', code });
    };

    it.each([
      ['query.unknown-field', { field: 'nothing', is: 'eq', value: 1 }],
      ['query.unknown-field', { field: '__proto__', is: 'eq', value: 1 }],
      ['query.unknown-field', { field: 'constructor', is: 'eq', value: 1 }],
      ['query.unknown-field', { field: 'size" OR 1=1 --', is: 'eq', value: 1 }],
      ['query.unknown-field', { field: { $ne: null }, is: 'eq', value: 1 }],
      ['query.not-filterable', { field: 'notes', is: 'eq', value: '[]' }],
      ['query.not-filterable', { field: 'weight', is: 'eq', value: 1 }],
      ['query.bad-value', { field: 'size', is: '$gt', value: 1 }],
      ['query.bad-value', { field: 'size', is: 'eq', value: '1' }],
      ['query.bad-value', { field: 'size', is: 'eq', value: 1.5 }],
      ['query.bad-value', { field: 'size', is: 'eq', value: Number.NaN }],
      ['query.bad-value', { field: 'size', is: 'gt', value: null }],
      ['query.bad-value', { field: 'size', is: 'eq', value: { $gt: 0 } }],
      ['query.bad-value', { field: 'size', is: 'eq' }],
      ['query.bad-value', { field: 'open', is: 'gt', value: false }],
      ['query.bad-value', { field: 'dueAt', is: 'eq', value: '2026-02-30T00:00:00.000Z' }],
      ['query.bad-value', { field: 'colour', is: 'eq', value: '\ud800' }],
      ['query.bad-value', { field: 'colour', is: 'eq', value: 'x'.repeat(1_001) }],
    ])('%s: %j', async (code, condition) => {
      await bench.readModels.writer(samples);
      const where = [wild(condition)] as readonly Condition[];
      await refuses(bench.readModels.find(samples, { where, limit: 1 }), code);
    });

    it('knows the words of a field, also those that were added after it was built', async () => {
      const { readModels } = bench;
      await storeAll(await readModels.writer(samples), [fold(1, 1, { colour: 'red' })]);
      const { colour } = samples.fields;
      const fields = { ...samples.fields, colour: { ...colour, words: ['red', 'blue'] } };
      const worded = { ...samples, fields };
      const asked = (value: string | null) => [{ field: 'colour', is: 'eq', value }] as const;
      expect(await readModels.count(worded, asked('red'))).toBe(1);
      expect(await readModels.count(worded, asked('blue'))).toBe(0);
      expect(await readModels.count(worded, asked(null))).toBe(0);
      const unknown = expect.objectContaining({
        code: 'query.bad-value',
        message: 'colour: must be one of red, blue',
      });
      const where = asked('rde');
      await expect(readModels.find(worded, { where, limit: 1 })).rejects.toEqual(unknown);
      await expect(readModels.count(worded, where)).rejects.toEqual(unknown);
      await expect(readModels.group(worded, { by: ['colour'], where })).rejects.toEqual(unknown);
    });

    it('takes ranges of a sort only in its order', async () => {
      const { readModels } = bench;
      await readModels.writer(samples);
      const range: readonly Condition[] = [{ field: 'rank', is: 'gte', value: 1 }];
      const exact: readonly Condition[] = [{ field: 'rank', is: 'eq', value: 1 }];
      const sort = { field: 'rank', direction: 'descending' } as const;
      const other = { field: 'size', direction: 'descending' } as const;
      const named = (answer: Promise<unknown>) =>
        expect(answer).rejects.toMatchObject({
          code: 'query.not-filterable',
          message: expect.stringContaining('in the order of that field') as unknown,
        });
      expect((await readModels.find(samples, { where: range, sort, limit: 1 })).rows).toEqual([]);
      await named(readModels.find(samples, { where: exact, sort, limit: 1 }));
      await named(readModels.find(samples, { where: range, sort: other, limit: 1 }));
      // The order of a query that names none is that of another field.
      await named(readModels.find(samples, { where: range, limit: 1 }));
      await refuses(readModels.count(samples, range), 'query.not-filterable');
    });

    it('refuses what is no sort, limit, group or bound', async () => {
      const { readModels } = bench;
      await readModels.writer(samples);
      const find = (query: object) => readModels.find(samples, wild({ limit: 1, ...query }));
      await refuses(
        find({ sort: { field: 'colour', direction: 'ascending' } }),
        'query.not-sortable',
      );
      await refuses(find({ sort: { field: 'size', direction: 'up' } }), 'query.bad-value');
      for (const limit of [0, -1, 1.5, FIND_LIMIT_MAX + 1, '5']) {
        await refuses(find({ limit }), 'query.over-limit');
      }
      const many = Array.from({ length: 17 }, () => ({ field: 'size', is: 'eq', value: 1 }));
      await refuses(find({ where: many }), 'query.over-limit');
      await refuses(readModels.group(samples, { by: ['dueAt'] }), 'query.not-groupable');
      await refuses(readModels.group(samples, { by: [] }), 'query.over-limit');
      const histogram = (field: string, bounds: readonly number[]) =>
        readModels.histogram(samples, { field, bounds });
      await refuses(histogram('colour', [1]), 'query.not-groupable');
      await refuses(histogram('weight', [2, 1]), 'query.bad-value');
      await refuses(histogram('weight', []), 'query.over-limit');
    });

    it('takes a cursor only with the query that gave it, and only unchanged', async () => {
      const { readModels } = bench;
      const writer = await readModels.writer(samples);
      await storeAll(writer, [fold(1, 1, { size: 1 }), fold(2, 2, { size: 2 })]);
      const sort = { field: 'size', direction: 'ascending' } as const;
      const { next = '' } = await readModels.find(samples, { sort, limit: 1 });
      const places = Buffer.from(next, 'base64url').toString('utf8');
      const moved = Buffer.from(places.replace(',1,', ',2,')).toString('base64url');
      expect(moved).not.toBe(next);
      for (const after of [moved, '', 'x', next.slice(0, -2), `${next}AAAA`, wild({}), wild(7)]) {
        await refuses(readModels.find(samples, { sort, limit: 1, after }), 'query.bad-cursor');
      }
      const other = { field: 'size', direction: 'descending' } as const;
      await refuses(
        readModels.find(samples, { sort: other, limit: 1, after: next }),
        'query.bad-cursor',
      );
      const where = [{ field: 'open', is: 'eq', value: true }] as const;
      await refuses(
        readModels.find(samples, { sort, where, limit: 1, after: next }),
        'query.bad-cursor',
      );
      expect((await readModels.find(samples, { sort, limit: 9, after: next })).rows).toHaveLength(
        1,
      );
    });
  });
}
