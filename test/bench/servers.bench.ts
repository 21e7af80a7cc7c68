import { EventStoreDBClient, FORWARDS, jsonEvent, NO_STREAM, START } from '@eventstore/db-client';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { EventStore } from '#event-store/port';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import type { NewEvent } from '#kernel';
import { figure, inTurn, perSecond, type Benchmark } from './figure.js';
import { sampleEvents } from './raw-log.js';

const IN_FLIGHT = 64;
const APPEND_COUNT = 10_000;
const READ_COUNT = 40_000;
const FILL_SIZE = 500;
const ROUNDS = 5;

/** Appends one event each to new streams, so many at a time; answers events a second. */
async function appendEach(
  events: readonly NewEvent[],
  append: (stream: string, event: NewEvent) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const startedAtMs = performance.now();
  const lane = async (): Promise<void> => {
    for (let event = events[next++]; event; event = events[next++]) {
      await append(`bench-${randomUUID()}`, event);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return perSecond(events.length, startedAtMs);
}

function appendRaw(client: EventStoreDBClient, stream: string, event: NewEvent) {
  const { id, type } = event;
  const data = JSON.parse(event.data) as Record<string, unknown>;
  const metadata = JSON.parse(event.metadata) as Record<string, unknown>;
  return client.appendToStream(stream, jsonEvent({ id, type, data, metadata }), {
    expectedRevision: NO_STREAM,
  });
}

async function fill(store: EventStore, count: number): Promise<void> {
  for (let filled = 0; filled < count; filled += FILL_SIZE) {
    await store.append(`bench-${randomUUID()}`, 'no-stream', sampleEvents(FILL_SIZE));
  }
}

/** Parses what it reads, as every reader of ours does. */
async function readOurs(store: EventStore): Promise<number> {
  const startedAtMs = performance.now();
  let count = 0;
  for await (const page of store.readAll()) {
    for (const { data, metadata } of page) {
      JSON.parse(data);
      JSON.parse(metadata);
      count += 1;
    }
  }
  return perSecond(count, startedAtMs);
}

async function readRaw(client: EventStoreDBClient): Promise<number> {
  const startedAtMs = performance.now();
  let count = 0;
  for await (const { event } of client.readAll({ fromPosition: START, direction: FORWARDS })) {
    if (event && !event.type.startsWith('$')) count += 1;
  }
  return perSecond(count, startedAtMs);
}

type Server = { readonly url: string; readonly stop: () => Promise<void> };

async function startDoubleServer(): Promise<Server> {
  const server = fork(new URL('./double-server.js', import.meta.url));
  const [url] = (await once(server, 'message')) as [string];
  const stop = async () => {
    server.disconnect();
    await once(server, 'exit');
  };
  return { url, stop };
}

/** On the server that EVENTSTORE_URL names; without one, on the double in a process of its own. */
async function onServer<Result>(
  say: (line: string) => void,
  use: (store: EventStore, client: EventStoreDBClient) => Promise<Result>,
): Promise<Result> {
  const given = process.env['EVENTSTORE_URL'];
  const double = given === undefined ? await startDoubleServer() : undefined;
  const url = given ?? double?.url ?? '';
  say(given === undefined ? 'against the double of the tests' : 'against the server given');
  const store = await EventStoreDbEventStore.open({ url });
  const client = EventStoreDBClient.connectionString(url);
  try {
    return await use(store, client);
  } finally {
    await store.close();
    await client.dispose();
    await double?.stop();
  }
}

const append: Benchmark = {
  name: 'servers-append',
  about: `appends to EventStoreDB through the adapter, ${IN_FLIGHT} in flight, by the bare client`,
  run: ({ say }) =>
    onServer(say, async (store, client) => {
      const [ours, raw] = await inTurn(
        ROUNDS,
        () =>
          appendEach(sampleEvents(APPEND_COUNT), (stream, event) =>
            store.append(stream, 'no-stream', [event]),
          ),
        () =>
          appendEach(sampleEvents(APPEND_COUNT), (stream, event) =>
            appendRaw(client, stream, event),
          ),
      );
      const reference = { name: 'bare client', value: raw };
      return [figure('servers-append', ours, 'events/s', reference)];
    }),
};

const read: Benchmark = {
  name: 'servers-read',
  about: 'reads the whole log from EventStoreDB through the adapter, by the bare client',
  run: ({ say }) =>
    onServer(say, async (store, client) => {
      await fill(store, READ_COUNT);
      const [ours, raw] = await inTurn(
        ROUNDS,
        () => readOurs(store),
        () => readRaw(client),
      );
      const reference = { name: 'bare client', value: raw };
      return [figure('servers-read', ours, 'events/s', reference)];
    }),
};

export const serverBenchmarks: readonly Benchmark[] = [append, read];
