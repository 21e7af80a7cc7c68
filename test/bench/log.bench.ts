import { DatabaseSync } from '@photostructure/sqlite';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import type { NewEvent } from '#kernel';
import { figure, inTurn, perSecond, type Benchmark } from './figure.js';
import { fillLog } from './many-complaints.js';
import { RawLog, sampleEvents, sampleStream } from './raw-log.js';

const IN_FLIGHT = 64;
const SINGLE_COUNT = 2_000;
const GROUPED_COUNT = 60_000;
const READ_COMPLAINTS = 20_000;
const ROUNDS = 5;

async function withStore<T>(
  directory: string,
  use: (store: SqliteEventStore) => Promise<T>,
): Promise<T> {
  const store = await SqliteEventStore.open({ directory, mode: 'write' });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Appends one event each to new streams, so many at a time; answers events a second. */
async function appendAll(
  store: SqliteEventStore,
  events: readonly NewEvent[],
  inFlight: number,
): Promise<number> {
  const streams = events.map((_, index) => sampleStream(index));
  let next = 0;
  const startedAtMs = performance.now();
  const lane = async (): Promise<void> => {
    for (let index = next++; index < events.length; index = next++) {
      const event = events[index];
      const stream = streams[index];
      if (event && stream) await store.append(stream, 'no-stream', [event]);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return perSecond(events.length, startedAtMs);
}

function appendBenchmark(name: string, count: number, inFlight: number): Benchmark {
  return {
    name,
    about: `appends to the embedded store, ${inFlight} in flight, by bare SQLite inserts`,
    run: async ({ directory }) => {
      const events = sampleEvents(count);
      let round = 0;
      const fresh = (kind: string): string => {
        const folder = join(directory, `${kind}-${round++}`);
        mkdirSync(folder);
        return folder;
      };
      const [ours, raw] = await inTurn(
        ROUNDS,
        () => withStore(fresh('store'), (store) => appendAll(store, events, inFlight)),
        async () => {
          const log = new RawLog(fresh('raw'));
          const startedAtMs = performance.now();
          log.insert(events, inFlight);
          const rate = perSecond(count, startedAtMs);
          log.close();
          return rate;
        },
      );
      const reference = { name: `bare SQLite, ${inFlight} a transaction`, value: raw };
      return [figure(name, ours, 'events/s', reference)];
    },
  };
}

async function readAll(store: SqliteEventStore): Promise<number> {
  const startedAtMs = performance.now();
  let count = 0;
  for await (const page of store.readAll()) {
    for (const event of page) {
      JSON.parse(event.data);
      JSON.parse(event.metadata);
      count += 1;
    }
  }
  return perSecond(count, startedAtMs);
}

function readRaw(database: InstanceType<typeof DatabaseSync>): number {
  const select = database.prepare('SELECT * FROM events ORDER BY position');
  const startedAtMs = performance.now();
  let count = 0;
  for (const row of select.iterate()) {
    JSON.parse(String(row['data']));
    JSON.parse(String(row['metadata']));
    count += 1;
  }
  return perSecond(count, startedAtMs);
}

const readBenchmark: Benchmark = {
  name: 'read',
  about: 'reads and parses the whole log of complaints, by bare iterate and JSON.parse',
  run: async ({ directory, say }) =>
    withStore(directory, async (store) => {
      await fillLog(store, READ_COMPLAINTS, say);
      const database = new DatabaseSync(join(directory, 'log.sqlite'), { readOnly: true });
      const [ours, bare] = await inTurn(
        ROUNDS,
        () => readAll(store),
        () => Promise.resolve(readRaw(database)),
      );
      database.close();
      const reference = { name: 'bare iterate + JSON.parse', value: bare };
      return [figure('read', ours, 'events/s', reference)];
    }),
};

export const logBenchmarks: readonly Benchmark[] = [
  appendBenchmark('append-single', SINGLE_COUNT, 1),
  appendBenchmark('append', GROUPED_COUNT, IN_FLIGHT),
  readBenchmark,
];
