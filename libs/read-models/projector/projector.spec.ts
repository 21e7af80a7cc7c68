import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#event-store/memory';
import { MemoryReadModels } from '#read-models/memory';
import { ReadModelsUnavailable, type Projection, type ReadModels } from '#read-models/port';
import { SqliteReadModels } from '#read-models/sqlite';
import {
  appendSample,
  decodeSample,
  samples,
  samplesAgain,
  samplesLater,
  sampleStream,
} from '#testing/read-models';
import { Projector } from './projector.js';

const OTHER_STREAM = 'other-6f1f0f0e-3c0b-5d0a-9d6c-0f5f6a2b7c11';
const atOnce = async () => {};

let directory: string;
let eventStore: MemoryEventStore;
let opened: ReadModels[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'projector-'));
  eventStore = new MemoryEventStore();
  opened = [];
});

afterEach(async () => {
  for (const readModels of opened) await readModels.close();
  await eventStore.close();
  await rm(directory, { recursive: true });
});

async function sqlite(): Promise<SqliteReadModels> {
  const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
  opened.push(readModels);
  return readModels;
}

function projectorOf(readModels: ReadModels, projection: Projection = samples, pageSize = 3) {
  const projections = [{ projection, decode: decodeSample }];
  return new Projector({ eventStore, readModels, projections, pageSize, wait: atOnce });
}

async function fill(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const type = n < 5 ? 'SampleMade' : 'SampleChanged';
    await appendSample(eventStore, n % 5, { type, data: { size: n } });
    if (n % 4 === 0) await appendSample(eventStore, OTHER_STREAM, { type: 'Elsewhere', data: {} });
  }
}

const rowsOf = async (readModels: ReadModels, projection: Projection = samples) =>
  (await readModels.find(projection, { limit: 1_000 })).rows;

describe('projector', () => {
  it('catches up, counts what it saw, and is done when run again', async () => {
    await fill(17);
    const readModels = await sqlite();
    const projector = projectorOf(readModels);
    await projector.catchUp();
    const rows = await rowsOf(readModels);
    expect(rows.map(({ document }) => document['size'])).toEqual([12, 13, 14, 15, 16]);
    const status = await projector.status();
    expect(status).toMatchObject({ lagEvents: 0, eventsMissing: 0 });
    expect(status.projections[0]?.checkpoint).toMatchObject({ eventsSeen: 22, eventsMissing: 0 });
    await projector.catchUp();
    expect(await projector.status()).toEqual(status);
    await appendSample(eventStore, 1, { type: 'SampleChanged', data: {} });
    expect(await projector.status()).toMatchObject({ lagEvents: 1 });
  });

  it('follows until it is told to end', async () => {
    const readModels = await sqlite();
    const ending = new AbortController();
    const running = projectorOf(readModels).run(ending.signal);
    await fill(6);
    const head = (await eventStore.head()) ?? '';
    expect(await readModels.waitFor(samples, head, 10_000)).toBe(true);
    ending.abort();
    await running;
    expect(await readModels.count(samples, [])).toBe(5);
  });

  it('stops at an event that cannot be decoded, names it, and has stored what came before', async () => {
    await fill(6);
    const garbled = await appendSample(eventStore, 2, { type: 'Garbled', data: { secret: 'x' } });
    await appendSample(eventStore, 3, { type: 'SampleChanged', data: { size: 99 } });
    const readModels = await sqlite();
    const running = projectorOf(readModels, samples, 100).run(new AbortController().signal);
    await expect(running).rejects.toMatchObject({
      code: 'projection.stopped',
      eventId: garbled.id,
    });
    await expect(running).rejects.not.toThrow('secret');
    const { projections } = await projectorOf(readModels).status();
    expect(projections[0]).toMatchObject({ lagEvents: 2, eventsMissing: 0 });
    expect((await rowsOf(readModels)).map(({ document }) => document['size'])).not.toContain(99);
    await expect(projectorOf(readModels).rebuild()).rejects.toMatchObject({ eventId: garbled.id });
    expect(await readModels.count(samples, [])).toBe(5);
  });

  it('counts an event that the log did not hand over', async () => {
    await fill(15);
    const readModels = await sqlite();
    const projector = projectorOf(leaky(readModels));
    await projector.catchUp();
    expect((await projector.status()).eventsMissing).toBe(1);
    await projectorOf(readModels).rebuild();
    expect((await projectorOf(readModels).status()).eventsMissing).toBe(0);
  });

  function leaky(readModels: ReadModels): ReadModels {
    const original = eventStore;
    const readAll = original.readAll.bind(original);
    original.readAll = async function* (options) {
      for await (const page of readAll(options)) {
        yield page.filter((e) => e.stream !== sampleStream(1) || e.revision !== 1);
      }
      original.readAll = readAll;
    };
    return readModels;
  }

  it('rebuilds a later version beside the old one, and switches', async () => {
    await fill(12);
    const readModels = await sqlite();
    await projectorOf(readModels).catchUp();
    const projector = projectorOf(readModels, samplesLater);
    expect((await projector.status()).projections[0]?.condition).toBe('stale');
    const ending = new AbortController();
    const running = projector.run(ending.signal);
    await appendSample(eventStore, 0, { type: 'SampleNoted', data: { note: 'late' } });
    const head = (await eventStore.head()) ?? '';
    while ((await readModels.status(samplesLater)).condition !== 'live') await turn();
    expect(await readModels.waitFor(samplesLater, head, 10_000)).toBe(true);
    ending.abort();
    await running;
    const row = await readModels.get(samplesLater, sampleStream(0));
    expect(row?.document).toMatchObject({ age: 3, notes: ['late'], size: 10 });
  });

  it('compares live with refold: none differ, then the one changed by hand is named', async () => {
    await fill(12);
    const readModels = await sqlite();
    const projector = projectorOf(readModels);
    await projector.catchUp();
    expect(await projector.compare()).toEqual({
      events: 15,
      documents: 5,
      differing: 0,
      first: [],
      eventsMissing: 0,
    });
    const id = sampleStream(3);
    const row = await readModels.get(samples, id);
    if (!row) throw new Error('the sample is there');
    const writer = await readModels.writer(samples);
    const after = { ...row, position: '99', document: { ...row.document, colour: 'forged' } };
    const checkpoint = (await writer.checkpoint()) ?? {
      position: '0',
      eventsSeen: 0,
      eventsMissing: 0,
    };
    await writer.store({ changes: [{ before: row, after }], checkpoint });
    const compared = await projector.compare();
    expect(compared).toMatchObject({ documents: 5, differing: 1 });
    expect(compared.first).toEqual([
      { projection: samples.name, id, kind: 'changed', fields: ['position', 'colour'] },
    ]);
  });

  it('begins anew when the log is shorter than what was read of it', async () => {
    await fill(9);
    const readModels = await sqlite();
    await projectorOf(readModels).catchUp();
    eventStore = new MemoryEventStore();
    await fill(3);
    await projectorOf(readModels).catchUp();
    expect(await readModels.count(samples, [])).toBe(3);
  });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

type Action = { readonly stream: number; readonly kind: number; readonly size: number | null };

const action: fc.Arbitrary<Action> = fc.record({
  stream: fc.nat(4),
  kind: fc.nat(9),
  size: fc.option(fc.integer({ min: -3, max: 3 })),
});

const eventOf = ({ kind, size }: Action) => {
  if (kind < 3) return { type: 'SampleMade', data: { size } };
  if (kind < 7)
    return { type: 'SampleChanged', data: { colour: `c${size ?? ''}`, open: kind === 5 } };
  if (kind < 9) return { type: 'SampleNoted', data: { note: `n${kind}` } };
  return { type: 'SampleWithdrawn', data: {} };
};

/** Fails a store before or after its effect, as a kill between two pages would. */
function failing(readModels: ReadModels, faults: readonly number[]): ReadModels {
  let call = 0;
  return new Proxy(readModels, {
    get(target, name: keyof ReadModels) {
      if (name !== 'writer') return target[name].bind(target);
      return async (projection: Projection) => {
        const writer = await target.writer(projection);
        return {
          checkpoint: () => writer.checkpoint(),
          load: (ids: readonly string[]) => writer.load(ids),
          store: async (batch: Parameters<typeof writer.store>[0]) => {
            const fault = faults[call++] ?? 0;
            if (fault === 1) throw new ReadModelsUnavailable('read-models.unavailable', 'before');
            await writer.store(batch);
            if (fault === 2) throw new ReadModelsUnavailable('read-models.unavailable', 'after');
          },
        };
      };
    },
  });
}

describe('projector, for any log, page size and faults', () => {
  it('live = refold, and memory = SQLite', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.nat(2), { maxLength: 12 }),
        async (actions, pageSize, faults) => {
          eventStore = new MemoryEventStore();
          const memory = new MemoryReadModels();
          const readModels = await sqlite();
          await readModels.forget(samples);
          const half = Math.floor(actions.length / 2);
          for (const one of actions.slice(0, half)) {
            await appendSample(eventStore, one.stream, eventOf(one));
          }
          const flaky = projectorOf(failing(readModels, faults), samples, pageSize);
          await flaky.catchUp();
          for (const one of actions.slice(half)) {
            await appendSample(eventStore, one.stream, eventOf(one));
          }
          await flaky.catchUp();
          expect(await flaky.compare()).toMatchObject({ differing: 0, eventsMissing: 0 });
          await projectorOf(memory).rebuild();
          const live = await rowsOf(readModels);
          expect(live).toEqual(await rowsOf(memory));
          await projectorOf(readModels, samplesAgain).rebuild();
          expect(await rowsOf(readModels, samplesAgain)).toEqual(live);
          await readModels.close();
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
