import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { step, transact, type Step } from '#event-store/port';
import { Randomness, uuidV5 } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { Projector } from '#read-models/projector';
import { COMMAND_ID, contextAt, LODGE } from '#testing/complaints';
import type { Condition, FindQuery } from '#read-models/port';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import { complaintReader } from '../complaint/complaint.reader.js';
import type { Complaint } from '../complaint/complaint.state.js';
import { referenceOf, streamOfReference } from '../complaint/reference.js';
import { communicateDecision } from '../features/communicate-decision/communicate-decision.decide.js';
import { lodgeComplaint } from '../features/lodge-complaint/lodge-complaint.decide.js';
import { projections } from '../projections.js';
import { listComplaints } from './list-complaints.query.js';
import {
  countsOf,
  durationsOf,
  INTERVALS,
  lineageOf,
  MEASURES,
  seriesOf,
  type Figure,
  type Measure,
  type SeriesQuery,
} from './statistics.query.js';

class NoRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return new Uint8Array(length);
  }
}

type Case = { readonly day: string; readonly product: string; readonly decided?: string };

// A week that spans two months, and complaints on both sides of it.
const CASES: readonly Case[] = [
  { day: '2026-01-25', product: 'Mortgage' },
  { day: '2026-01-31', product: 'Mortgage', decided: '2026-02-03' },
  { day: '2026-01-31', product: 'Credit card', decided: '2026-02-03' },
  { day: '2026-02-01', product: 'Mortgage', decided: '2026-02-10' },
  { day: '2026-02-01', product: 'Mortgage' },
  { day: '2026-02-02', product: 'Credit card', decided: '2026-02-03' },
];
const REFERENCES = CASES.map((_, index) => referenceOf(COMMAND_ID, 2026, index));
const NOW = '2026-03-01T00:00:00.000Z';

const eventStore = new MemoryEventStore();
const readModels = new MemoryReadModels();

async function play({ day, product, decided }: Case, index: number): Promise<void> {
  const reference = REFERENCES[index] ?? '';
  const context = (name: string, on: string) =>
    contextAt(NOW, {
      commandId: uuidV5(COMMAND_ID, `${name} ${index}`),
      occurredAt: `${on}T12:00:00.000Z`,
    });
  const steps: readonly Step<Complaint | undefined, ComplaintEvent>[] = [
    step(lodgeComplaint, { ...LODGE, reference, product }, context('lodge', day)),
    ...(decided === undefined
      ? []
      : [step(communicateDecision, { outcome: 'explanation' }, context('decide', decided))]),
  ];
  const transacted = await transact(eventStore, new NoRandomness(), {
    stream: streamOfReference(reference),
    reader: complaintReader,
    steps,
  });
  expect(transacted.kind).toBe('done');
}

beforeAll(async () => {
  for (const [index, one] of CASES.entries()) await play(one, index);
  await new Projector({ eventStore, readModels, projections }).catchUp();
});

afterAll(async () => {
  await readModels.close();
  await eventStore.close();
});

const ALL = { by: [], where: [] } as const;
const MORTGAGES = [{ field: 'product', is: 'eq', value: 'Mortgage' }] as const;

describe('a series', () => {
  const namesOf = async (query: SeriesQuery) =>
    (await seriesOf(readModels, query)).map(({ interval, key, count }) =>
      [interval, ...Object.values(key), count].join(' '),
    );

  it('counts what was received by day, week and month', async () => {
    const received = (interval: 'day' | 'week' | 'month') =>
      namesOf({ ...ALL, measure: 'received', interval });
    expect(await received('day')).toEqual([
      '2026-01-25 1',
      '2026-01-31 2',
      '2026-02-01 2',
      '2026-02-02 1',
    ]);
    expect(await received('week')).toEqual(['2026-W04 1', '2026-W05 4', '2026-W06 1']);
    expect(await received('month')).toEqual(['2026-01 3', '2026-02 3']);
  });

  it('breaks down by fields within a period', async () => {
    const points = await namesOf({
      measure: 'received',
      interval: 'month',
      by: ['product', 'disputed'],
      where: [
        { field: 'receivedDay', is: 'gte', value: '2026-01-31' },
        { field: 'receivedDay', is: 'lte', value: '2026-02-01' },
      ],
    });
    expect(points).toEqual([
      '2026-01 Credit card false 1',
      '2026-01 Mortgage false 1',
      '2026-02 Mortgage false 2',
    ]);
  });

  it('counts decisions on the day of the decision, and only where there is one', async () => {
    expect(await namesOf({ ...ALL, measure: 'decided', interval: 'day' })).toEqual([
      '2026-02-03 3',
      '2026-02-10 1',
    ]);
  });
});

/** Ids of all complaints behind a number; each page but the last is full, none is empty. */
async function behind(where: readonly Condition[], limit: number): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 20; page += 1) {
    const { rows, next } = await lineageOf(readModels, { where, limit, after });
    ids.push(...rows.map(({ id }) => id));
    if (next === undefined) return ids;
    expect(rows).toHaveLength(limit);
    after = next;
  }
  throw new Error('the lineage does not end');
}

async function allNumbers(where: readonly Condition[]): Promise<readonly Omit<Figure, 'key'>[]> {
  const counts = await countsOf(readModels, { by: ['product', 'outcome'], where });
  const measures = Object.keys(MEASURES) as readonly Measure[];
  const series = await Promise.all(
    measures.flatMap((measure) =>
      INTERVALS.map((interval) =>
        seriesOf(readModels, { measure, interval, by: ['product'], where }),
      ),
    ),
  );
  const { buckets, notYet } = await durationsOf(readModels, {
    of: 'decision',
    bounds: [0, 3, 8],
    where,
  });
  return [...counts.figures, ...series.flat(), ...buckets, notYet];
}

describe('the lineage of a number', () => {
  const days = [
    { field: 'receivedDay', is: 'gte', value: '2026-01-31' },
    { field: 'receivedDay', is: 'lt', value: '2026-02-02' },
  ] as const;
  const late = [{ field: 'daysToDecision', is: 'gt', value: 4 }] as const;

  it.each([
    { name: 'all', where: [] },
    { name: 'one product', where: MORTGAGES },
    { name: 'a period', where: days },
    { name: 'some durations', where: late },
    { name: 'all of these', where: [...MORTGAGES, ...days, ...late] },
  ])('has as many complaints as the number says: $name', async ({ where }) => {
    const numbers = await allNumbers(where);
    expect(numbers.length).toBeGreaterThan(4);
    for (const number of numbers) {
      const named = number.where.map(({ field, is }) => `${field} ${is}`);
      expect(new Set(named).size).toBe(named.length);
      for (const limit of [1, 2, 200]) {
        const ids = await behind(number.where, limit);
        expect(ids).toHaveLength(number.count);
        expect(new Set(ids).size).toBe(ids.length);
      }
    }
  });

  it('names complaints and events in order of lodging', async () => {
    const { rows } = await lineageOf(readModels, { where: [...MORTGAGES, ...days], limit: 10 });
    expect(rows.map(({ id }) => id)).toEqual(
      [1, 3, 4].map((index) => streamOfReference(REFERENCES[index] ?? '')),
    );
    for (const { id, document } of rows) {
      const [first] = await eventStore.readStream(id);
      expect(document.lodgedEventId).toBe(first?.id);
    }
  });

  it('refuses what it cannot answer', async () => {
    const refusal = async (change: object) =>
      lineageOf(readModels, { where: MORTGAGES, limit: 10, ...change }).catch(
        (error: unknown) => error,
      );
    expect(await refusal({ after: 'xyz' })).toMatchObject({ code: 'query.bad-cursor' });
    const unknown = [{ field: 'colour', is: 'eq', value: 'red' }];
    expect(await refusal({ where: unknown })).toMatchObject({ code: 'query.unknown-field' });
    const uncounted = [{ field: 'lodgedEventId', is: 'eq', value: 'x' }];
    expect(await refusal({ where: uncounted })).toMatchObject({ code: 'query.not-filterable' });
  });
});

describe('the queue', () => {
  it('finds a complaint by its reference as a person says it, if the rest holds too', async () => {
    const value = (REFERENCES[2] ?? '').toLowerCase().replaceAll('-', '');
    const reference = { field: 'reference', is: 'eq', value } as const;
    const found = async (...others: readonly (typeof reference | object)[]) =>
      (
        await listComplaints(readModels, {
          where: [reference, ...(others as readonly (typeof reference)[])],
          limit: 10,
        })
      ).rows.map(({ document }) => document.reference);
    expect(await found()).toEqual([REFERENCES[2]]);
    expect(await found({ field: 'status', is: 'eq', value: 'decided' })).toEqual([REFERENCES[2]]);
    expect(await found({ field: 'status', is: 'eq', value: 'open' })).toEqual([]);
    await expect(found({ field: 'colour', is: 'eq', value: 'red' })).rejects.toMatchObject({
      code: 'query.unknown-field',
    });
  });

  it('finds nothing for a reference that is none', async () => {
    const where = [{ field: 'reference', is: 'eq', value: 'C-26-none' } as const];
    expect(await listComplaints(readModels, { where, limit: 10 })).toEqual({ rows: [] });
  });

  it('takes ranges of what it is sorted by, and sorts by what ranges are asked of', async () => {
    const from = '2026-02-01T00:00:00.000Z';
    const daysOf = async (query: Pick<FindQuery, 'where' | 'sort'>) =>
      (await listComplaints(readModels, { ...query, limit: 10 })).rows.map(
        ({ document }) => document.receivedDay,
      );
    const received = { field: 'receivedAt', is: 'gte', value: from } as const;
    const ascending = ['2026-02-01', '2026-02-01', '2026-02-02'];
    expect(await daysOf({ where: [received] })).toEqual(ascending);
    const sort = { field: 'receivedAt', direction: 'descending' } as const;
    expect(await daysOf({ where: [received], sort })).toEqual(ascending.toReversed());
    const promised = { field: 'respondBy', is: 'lt', value: from } as const;
    expect(await daysOf({ where: [promised] })).toEqual([]);
    await expect(daysOf({ where: [promised], sort })).rejects.toMatchObject({
      code: 'query.not-filterable',
    });
  });

  it('lists by declared fields otherwise', async () => {
    const { rows } = await listComplaints(readModels, {
      where: [{ field: 'status', is: 'eq', value: 'open' }],
      sort: { field: 'receivedAt', direction: 'descending' },
      limit: 10,
    });
    expect(rows.map(({ document }) => document.receivedDay)).toEqual(['2026-02-01', '2026-01-25']);
  });
});
