import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { step, transact, type Step } from '#event-store/port';
import { Randomness, uuidV5 } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { Projector } from '#read-models/projector';
import { COMMAND_ID, contextAt, LODGE } from '#testing/complaints';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import { complaintReader } from '../complaint/complaint.reader.js';
import type { Complaint } from '../complaint/complaint.state.js';
import { referenceOf, streamOfReference } from '../complaint/reference.js';
import { communicateDecision } from '../features/communicate-decision/communicate-decision.decide.js';
import { lodgeComplaint } from '../features/lodge-complaint/lodge-complaint.decide.js';
import { projections } from '../projections.js';
import { listComplaints } from './list-complaints.query.js';
import { countsOf, lineageOf, seriesOf, type Origin } from './statistics.query.js';

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

describe('a series', () => {
  it('counts what was received by day, week and month', async () => {
    const received = async (interval: 'day' | 'week' | 'month') =>
      (await seriesOf(readModels, { measure: 'received', interval })).map(
        (point) => `${point.interval} ${point.count}`,
      );
    expect(await received('day')).toEqual([
      '2026-01-25 1',
      '2026-01-31 2',
      '2026-02-01 2',
      '2026-02-02 1',
    ]);
    expect(await received('week')).toEqual(['2026-W04 1', '2026-W05 4', '2026-W06 1']);
    expect(await received('month')).toEqual(['2026-01 3', '2026-02 3']);
  });

  it('breaks down by a dimension within a period', async () => {
    const points = await seriesOf(readModels, {
      measure: 'received',
      interval: 'month',
      by: 'product',
      from: '2026-01-31',
      to: '2026-02-01',
    });
    expect(points).toEqual([
      { interval: '2026-01', key: 'Credit card', count: 1 },
      { interval: '2026-01', key: 'Mortgage', count: 1 },
      { interval: '2026-02', key: 'Mortgage', count: 2 },
    ]);
  });

  it('counts decisions on the day of the decision, and only where there is one', async () => {
    const points = await seriesOf(readModels, { measure: 'decided', interval: 'day' });
    expect(points).toEqual([
      { interval: '2026-02-03', key: null, count: 3 },
      { interval: '2026-02-10', key: null, count: 1 },
    ]);
    expect(await countsOf(readModels, { measure: 'decided', by: 'product' })).toEqual([
      { key: 'Credit card', count: 2 },
      { key: 'Mortgage', count: 2 },
    ]);
  });
});

describe('the lineage of a number', () => {
  async function allOrigins(limit: number): Promise<readonly Origin[]> {
    const origins: Origin[] = [];
    let after: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      const lineage = await lineageOf(readModels, {
        measure: 'received',
        from: '2026-01-31',
        to: '2026-02-02',
        where: { dimension: 'product', value: 'Mortgage' },
        limit,
        after,
      });
      expect(lineage.origins.length).toBeLessThanOrEqual(limit);
      origins.push(...lineage.origins);
      after = lineage.next;
      if (after === undefined) return origins;
    }
    throw new Error('the lineage does not end');
  }

  it.each([1, 2, 3, 200])('names complaints and events, in pages of %i', async (limit) => {
    const origins = await allOrigins(limit);
    expect(origins.map(({ complaint, day }) => [complaint, day])).toEqual([
      [streamOfReference(REFERENCES[1] ?? ''), '2026-01-31'],
      [streamOfReference(REFERENCES[3] ?? ''), '2026-02-01'],
      [streamOfReference(REFERENCES[4] ?? ''), '2026-02-01'],
    ]);
    for (const { complaint, eventId } of origins) {
      const [first] = await eventStore.readStream(complaint);
      expect(eventId).toBe(first?.id);
    }
  });

  it('refuses what it cannot answer', async () => {
    const query = { measure: 'received', from: '2026-01-31', to: '2026-02-02', limit: 10 } as const;
    const refusal = async (change: object) =>
      lineageOf(readModels, { ...query, ...change }).catch((error: unknown) => error);
    expect(await refusal({ limit: 0 })).toMatchObject({ code: 'query.over-limit' });
    expect(await refusal({ limit: 201 })).toMatchObject({ code: 'query.over-limit' });
    expect(await refusal({ from: '2020-01-01' })).toMatchObject({ code: 'query.over-limit' });
    expect(await refusal({ from: 'yesterday' })).toMatchObject({ code: 'query.bad-value' });
    expect(await refusal({ after: 'xyz' })).toMatchObject({ code: 'query.bad-cursor' });
    expect(await refusal({ to: '2026-01-30' })).toEqual({ origins: [] });
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

  it('lists by declared fields otherwise', async () => {
    const { rows } = await listComplaints(readModels, {
      where: [{ field: 'status', is: 'eq', value: 'open' }],
      sort: { field: 'receivedAt', direction: 'descending' },
      limit: 10,
    });
    expect(rows.map(({ document }) => document.receivedDay)).toEqual(['2026-02-01', '2026-01-25']);
  });
});
