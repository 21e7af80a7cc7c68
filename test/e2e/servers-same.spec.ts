import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import { projections } from '#complaints/contract';
import { demonstrate, SeededRandomness, UNTIL_DAY_DEFAULT } from '#complaints/demonstration';
import { importCfpb, type ImportResult } from '#complaints/intake/cfpb';
import { MemoryEventStore } from '#event-store/memory';
import type { EventStore } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { MemoryReadModels } from '#read-models/memory';
import type { ReadModels } from '#read-models/port';
import { Projector } from '#read-models/projector';
import { SqliteReadModels } from '#read-models/sqlite';
import { readConfiguration } from '#wiring';
import { startStandalone } from '../../apps/standalone/index.js';
import { imprintOf, type Imprint } from './servers-imprint.js';
import { EventStoreInTurn } from './servers-in-turn.js';
import { cfpbFile, liveRandomLives, ToldClock } from './servers-inputs.js';
import { liveOverHttp, readOverHttp } from './servers-life.js';

jest.setTimeout(300_000);

type OpenStores = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  remove(): Promise<void>;
};
type Mode = { open(): Promise<OpenStores> };

const embedded: Mode = {
  open: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'redress-same-'));
    const eventStore = await SqliteEventStore.open({ directory, mode: 'write' });
    const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
    return {
      eventStore,
      readModels,
      remove: async () => {
        await readModels.close();
        await eventStore.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
};

const others: Mode = {
  open: async () => ({
    eventStore: new MemoryEventStore(),
    readModels: new MemoryReadModels(),
    remove: async () => {},
  }),
};

/** What is done to the stores; answers what was answered, but for positions. */
type Input<Answers> = (stores: OpenStores) => Promise<Answers>;
type Impression<Answers> = Imprint & { readonly answers: Answers };

async function imprintIn<Answers>(mode: Mode, input: Input<Answers>): Promise<Impression<Answers>> {
  const stores = await mode.open();
  try {
    const eventStore = new EventStoreInTurn(stores.eventStore);
    const answers = await input({ ...stores, eventStore });
    await new Projector({ ...stores, projections }).catchUp();
    const imprint = await imprintOf(
      stores,
      projections.map(({ projection }) => projection),
    );
    return { ...imprint, answers };
  } finally {
    await stores.remove();
  }
}

/** The first lines that differ say more than two texts of megabytes. */
function expectSame(one: readonly string[], other: readonly string[]): void {
  const differing = one.findIndex((line, index) => line !== other[index]);
  expect(other[differing]).toBe(one[differing]);
  expect(other).toHaveLength(one.length);
}

async function expectSameFrom<Answers>(input: Input<Answers>): Promise<Impression<Answers>> {
  const here = await imprintIn(embedded, input);
  const there = await imprintIn(others, input);
  expectSame(here.events, there.events);
  for (const [name, lines] of Object.entries(here.rows)) expectSame(lines, there.rows[name] ?? []);
  expect(there.counts).toEqual(here.counts);
  expect(there.answers).toEqual(here.answers);
  return here;
}

function importing(chunks: () => AsyncIterable<Uint8Array>): Input<Omit<ImportResult, 'position'>> {
  return async ({ eventStore }) => {
    const randomness = new SeededRandomness('import');
    const result = await importCfpb(chunks(), { eventStore, randomness, clock: new ToldClock() });
    const { position: _, ...rest } = result;
    return rest;
  };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The whole server over HTTP, its projector beside it; answers what it answered. */
async function serve({ eventStore, readModels }: OpenStores): Promise<readonly string[]> {
  const clock = new ToldClock();
  const randomness = new SeededRandomness('life');
  const standalone = await startStandalone(
    { ...readConfiguration({}), dataDir: tmpdir(), port: 0 },
    { projector: 'same-thread', stores: { eventStore, readModels, clock, randomness } },
  );
  try {
    const answers = await liveOverHttp({ address: standalone.address, clock });
    const position = (await eventStore.head()) ?? '';
    return [...answers, ...(await readOverHttp({ address: standalone.address, clock }, position))];
  } finally {
    await standalone.close();
  }
}

describe('memory stores give what embedded mode gives', () => {
  it('for whole lives over HTTP: answers, refusals, lists and numbers', async () => {
    const { events, answers } = await expectSameFrom(serve);
    // Sixteen events a life; two of its steps are refused, and refused again the second time.
    expect(events).toHaveLength(5 * 16);
    expect(answers.filter((answer) => answer.includes('"status":409'))).toHaveLength(5 * 2);
    expect(answers.filter((answer) => answer.includes(' 200 {'))).toHaveLength(6);
  });

  it('for random lives of complaints, refusals and repetitions included', async () => {
    const { events, answers } = await expectSameFrom(({ eventStore }) =>
      liveRandomLives(eventStore),
    );
    expect(events.length).toBeGreaterThan(300);
    expect(answers).toBeDefined();
  });

  it('for the demonstration, event by event in the order of the log', async () => {
    const { events, rows } = await expectSameFrom(({ eventStore }) =>
      demonstrate({ complaints: 120, seed: 'same', untilDay: UNTIL_DAY_DEFAULT, eventStore }),
    );
    expect(events.length).toBeGreaterThan(500);
    expect(Object.values(rows).map((lines) => lines.length)).toEqual([120, 120, expect.anything()]);
  });

  it('for an import of a file with every oddity', async () => {
    const text = cfpbFile(400);
    const { events } = await expectSameFrom(importing(() => chunksOf(text)));
    expect(events.length).toBeGreaterThan(1_000);
  });

  it('for an import of real complaints', async () => {
    const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
    const file = join(data, 'cfpb_2023_narratives_2067.csv');
    if (!existsSync(file)) {
      process.stderr.write(`SKIPPED: ${file} is not there, its import in servers mode\n`);
      return;
    }
    const { rows } = await expectSameFrom(importing(() => createReadStream(file)));
    expect(rows['complaint-register']).toHaveLength(2_067);
  });
});
