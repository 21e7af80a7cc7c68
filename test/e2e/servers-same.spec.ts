import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, jest } from '@jest/globals';
import { demonstrate, SeededRandomness, UNTIL_DAY_DEFAULT } from '#complaints/demonstration';
import { importCfpb, type ImportResult } from '#complaints/intake/cfpb';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import type { EventStore } from '#event-store/port';
import type { Clock, Position } from '#kernel';
import { SqliteEventStore } from '#event-store/sqlite';
import { MongoReadModels } from '#read-models/mongodb';
import type { ReadModels } from '#read-models/port';
import { Projector, SharedProjector } from '#read-models/projector';
import { SqliteReadModels } from '#read-models/sqlite';
import { readConfiguration } from '#wiring';
import { projections } from '../../apps/contexts/contract.js';
import { startApi } from '../../apps/api/index.js';
import { startStandalone } from '../../apps/standalone/index.js';
import { groundOffer, startGround } from '../fault/servers-ground.js';
import { serverSuite } from '../servers/offered.js';
import { imprintOf, type Imprint } from './servers-imprint.js';
import { EventStoreInTurn } from './servers-in-turn.js';
import { cfpbFile, liveRandomLives, ToldClock } from './servers-inputs.js';
import { liveOverHttp, readOverHttp } from './servers-life.js';

jest.setTimeout(300_000);

const CATCH_UP_MAX_MS = 120_000;

type OpenStores = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  /** Resolves when all read models have seen all of the log. */
  catchUp(): Promise<void>;
  serve(clock: Clock): Promise<{ readonly address: string; close(): Promise<void> }>;
  remove(): Promise<void>;
};
type Mode = { open(): Promise<OpenStores> };

const PROJECTORS = 2;
const COMMON = { REDRESS_NOTICES: 'off', REDRESS_DATA_DIR: tmpdir(), PORT: '0' };
const EMBEDDED_CONFIGURATION = readConfiguration(COMMON);
/** The URLs are for the configuration's sake; the stores are opened here. */
const SERVERS_CONFIGURATION = readConfiguration({
  ...COMMON,
  REDRESS_STORES: 'servers',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  MONGODB_URL: 'mongodb://127.0.0.1:1',
});

function lifeRandomness(): SeededRandomness {
  return new SeededRandomness('life');
}

const embedded: Mode = {
  open: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'redress-same-'));
    const eventStore = await SqliteEventStore.open({ directory, mode: 'write' });
    const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
    return {
      eventStore,
      readModels,
      catchUp: () => new Projector({ eventStore, readModels, projections }).catchUp(),
      serve: (clock) => {
        const stores = { eventStore, readModels, clock, randomness: lifeRandomness() };
        return startStandalone(EMBEDDED_CONFIGURATION, { projector: 'same-thread', stores });
      },
      remove: async () => {
        await readModels.close();
        await eventStore.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
};

/** Two projectors share the read models while the log is written, as their processes would. */
const servers: Mode = {
  open: async () => {
    const ground = await startGround();
    const eventStore = await EventStoreDbEventStore.open({ url: ground.eventStoreUrl });
    const readModels = await MongoReadModels.open({ url: ground.mongoUrl, mode: 'write' });
    const ending = new AbortController();
    const projecting = Promise.all(
      Array.from({ length: PROJECTORS }, () =>
        new SharedProjector({ eventStore, readModels, projections }).run(ending.signal),
      ),
    );
    return {
      eventStore,
      readModels,
      catchUp: async () => untilShown(readModels, (await eventStore.head()) ?? ''),
      serve: (clock) => {
        const stores = { eventStore, readModels, clock, randomness: lifeRandomness() };
        const close = () => Promise.resolve();
        return startApi(SERVERS_CONFIGURATION, { stores: { ...stores, probes: [], close } });
      },
      remove: async () => {
        ending.abort();
        await projecting;
        await readModels.close();
        await eventStore.close();
        await ground.stop();
      },
    };
  },
};

/** What is done to the stores; answers what was answered, but for positions. */
type Input<Answers> = (stores: OpenStores) => Promise<Answers>;
type Impression<Answers> = Imprint & { readonly answers: Answers };

async function imprintIn<Answers>(mode: Mode, input: Input<Answers>): Promise<Impression<Answers>> {
  const stores = await mode.open();
  try {
    const eventStore = new EventStoreInTurn(stores.eventStore);
    const answers = await input({ ...stores, eventStore });
    await stores.catchUp();
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
  const there = await imprintIn(servers, input);
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

/** The API over HTTP, projectors beside it; answers what it answered. */
async function overHttp(stores: OpenStores): Promise<readonly string[]> {
  const clock = new ToldClock();
  const served = await stores.serve(clock);
  try {
    const answers = await liveOverHttp({ address: served.address, clock });
    const position = (await stores.eventStore.head()) ?? '';
    await untilShown(stores.readModels, position);
    return [...answers, ...(await readOverHttp({ address: served.address, clock }, position))];
  } finally {
    await served.close();
  }
}

async function untilShown(readModels: ReadModels, position: Position): Promise<void> {
  for (const { projection } of projections) {
    const isShown = await readModels.waitFor(projection, position, CATCH_UP_MAX_MS);
    expect({ projection: projection.name, isShown }).toEqual({
      projection: projection.name,
      isShown: true,
    });
  }
}

serverSuite('servers mode gives what embedded mode gives', await groundOffer(), () => {
  it('for whole lives over HTTP: answers, refusals, lists and numbers', async () => {
    const { events, answers } = await expectSameFrom(overHttp);
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
    expect(Object.values(rows).map((lines) => lines.length)).toEqual([120, 120, 120, 0]);
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
