import { describe, expect, it } from '@jest/globals';
import type { Condition, FindQuery, Fold } from '#read-models/port';
import type { Bench } from './harness.js';
import { fold, samples, storeAll } from './samples.js';

const DUE = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', null] as const;
const COLOURS = ['red', 'blue', '\uFFFD', '\u{1F600}', null] as const;

/** Many ties, many empty values, ids in another order than positions. */
function population(): readonly Fold[] {
  return Array.from({ length: 60 }, (_, i) =>
    fold(i, i + 5, {
      colour: COLOURS[i % 5] ?? null,
      size: i % 7 === 0 ? null : (i * 5) % 6,
      open: i % 4 === 0 ? null : i % 2 === 0,
      dueAt: DUE[i % 3] ?? null,
      rank: i % 6 === 0 ? null : (i * 7) % 10,
    }),
  );
}

const rankOf = ({ document }: Fold) => Number(document?.rank);

function holds({ is, value }: Condition, actual: unknown): boolean {
  if (is === 'eq') return actual === value;
  if (typeof actual !== 'number' || typeof value !== 'number') return false;
  const ways = {
    lt: actual < value,
    lte: actual <= value,
    gt: actual > value,
    gte: actual >= value,
  };
  return ways[is];
}

/** All pages, one after the other. */
async function pages(bench: Bench, query: FindQuery): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const asked = { ...query, ...(after === undefined ? {} : { after }) };
    const found = await bench.readModels.find(samples, asked);
    ids.push(...found.rows.map(({ firstPosition }) => firstPosition));
    if (found.next === undefined) return ids;
    expect(found.rows).toHaveLength(query.limit);
    after = found.next;
  }
  throw new Error('the pages do not end');
}

export function findContract(bench: Bench): void {
  describe('find', () => {
    it('orders empty values first and ties by arrival; descending is the exact reverse', async () => {
      const all = population();
      await storeAll(await bench.readModels.writer(samples), all);
      for (const field of ['size', 'dueAt'] as const) {
        const rank = ({ document }: Fold) => {
          const value = document?.[field];
          return typeof value === 'number'
            ? value
            : value === null
              ? -1
              : Date.parse(String(value));
        };
        const wanted = all
          .toSorted((a, b) => rank(a) - rank(b) || Number(a.position) - Number(b.position))
          .map(({ position }) => position);
        const ascending = { field, direction: 'ascending' } as const;
        const descending = { field, direction: 'descending' } as const;
        for (const limit of [1, 7, 60]) {
          expect(await pages(bench, { sort: ascending, limit })).toEqual(wanted);
          expect(await pages(bench, { sort: descending, limit })).toEqual(wanted.toReversed());
        }
      }
    });

    it('orders by the first declared sort when none is named', async () => {
      await storeAll(await bench.readModels.writer(samples), population());
      const unnamed = await pages(bench, { limit: 9 });
      const named = await pages(bench, {
        sort: { field: 'size', direction: 'ascending' },
        limit: 9,
      });
      expect(unnamed).toEqual(named);
    });

    it('finds by each filter, with each sort, page by page', async () => {
      const all = population();
      await storeAll(await bench.readModels.writer(samples), all);
      const filters: readonly (readonly [string, unknown])[] = [
        ...COLOURS.map((colour) => ['colour', colour] as const),
        ...[null, true, false].map((open) => ['open', open] as const),
        ...[null, 0, 3].map((size) => ['size', size] as const),
        ...DUE.map((dueAt) => ['dueAt', dueAt] as const),
      ] as never;
      for (const [field, value] of filters) {
        const wanted = all.filter(({ document }) => document?.[field] === value);
        for (const sort of ['size', 'dueAt']) {
          for (const direction of ['ascending', 'descending'] as const) {
            const where = [{ field, is: 'eq', value: value as string }] as const;
            const found = await pages(bench, { where, sort: { field: sort, direction }, limit: 4 });
            expect(found.toSorted()).toEqual(wanted.map(({ position }) => position).toSorted());
          }
        }
      }
    });

    it('takes ranges, several conditions, and conditions that contradict each other', async () => {
      const all = population();
      await storeAll(await bench.readModels.writer(samples), all);
      const sort = { field: 'dueAt', direction: 'descending' } as const;
      const found = await pages(bench, {
        where: [
          { field: 'size', is: 'gte', value: 1 },
          { field: 'size', is: 'lt', value: 4 },
          { field: 'dueAt', is: 'lte', value: '2026-01-01T00:00:00.000Z' },
        ],
        sort,
        limit: 3,
      });
      const wanted = all.filter(
        ({ document }) =>
          document?.dueAt === DUE[0] &&
          document.size !== null &&
          Number(document.size) >= 1 &&
          Number(document.size) < 4,
      );
      expect(wanted.length).toBeGreaterThan(3);
      expect(found.toSorted()).toEqual(wanted.map(({ position }) => position).toSorted());
      const contradiction = [
        { field: 'size', is: 'gt', value: 3 },
        { field: 'size', is: 'lt', value: 3 },
      ] as const;
      expect(await pages(bench, { where: contradiction, sort, limit: 3 })).toEqual([]);
    });

    it('takes ranges of a field that is only sorted by, in its order', async () => {
      const all = population();
      await storeAll(await bench.readModels.writer(samples), all);
      const ranges: readonly (readonly Condition[])[] = [
        [{ field: 'rank', is: 'gte', value: 3 }],
        [
          { field: 'rank', is: 'gt', value: 2 },
          { field: 'rank', is: 'lt', value: 8 },
        ],
        [
          { field: 'rank', is: 'lte', value: 6 },
          { field: 'colour', is: 'eq', value: 'red' },
        ],
        [
          { field: 'rank', is: 'gte', value: 4 },
          { field: 'colour', is: 'eq', value: null },
          { field: 'open', is: 'eq', value: null },
        ],
      ];
      for (const where of ranges) {
        const wanted = all
          .filter(({ document }) => where.every((one) => holds(one, document?.[one.field])))
          .toSorted((a, b) => rankOf(a) - rankOf(b) || Number(a.position) - Number(b.position))
          .map(({ position }) => position);
        expect(wanted.length).toBeGreaterThan(1);
        for (const limit of [2, 60]) {
          const ascending = { field: 'rank', direction: 'ascending' } as const;
          expect(await pages(bench, { where, sort: ascending, limit })).toEqual(wanted);
          const descending = { field: 'rank', direction: 'descending' } as const;
          const reverse = wanted.toReversed();
          expect(await pages(bench, { where, sort: descending, limit })).toEqual(reverse);
        }
      }
    });

    it('compares text by code points', async () => {
      await storeAll(await bench.readModels.writer(samples), population());
      const above = [{ field: 'colour', is: 'gt', value: '\uFFFD' }] as const;
      const { rows } = await bench.readModels.find(samples, { where: above, limit: 60 });
      expect(new Set(rows.map(({ document }) => document.colour))).toEqual(new Set(['\u{1F600}']));
    });

    it('keeps its place when rows come and go between two pages', async () => {
      const writer = await bench.readModels.writer(samples);
      await storeAll(writer, [
        fold(1, 1, { size: 1 }),
        fold(2, 2, { size: 3 }),
        fold(3, 3, { size: 5 }),
      ]);
      const sort = { field: 'size', direction: 'ascending' } as const;
      const first = await bench.readModels.find(samples, { sort, limit: 2 });
      await storeAll(writer, [fold(4, 4, { size: 2 }), fold(5, 5, { size: 4 })]);
      const second = await bench.readModels.find(samples, {
        sort,
        limit: 2,
        after: first.next ?? '',
      });
      expect(second.rows.map(({ document }) => document.size)).toEqual([4, 5]);
    });
  });
}
