import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import { payloadOf } from '#evidence';
import { canonicalJson, type NewEvent } from '#kernel';
import { LedgerFolder, sequenceOnce, startSequencer, type LedgerParts } from '#ledger';
import { readConfiguration, SystemClock, SystemRandomness } from '#wiring';
import { startStandalone, type Standalone } from '../../apps/standalone/index.js';
import { figure, inTurn, median, percentile, type Benchmark } from './figure.js';
import { LODGE } from './http.bench.js';
import { chainsPerSecond } from './send-load.js';

const ORIGIN = 'redress.example/bench';
const CONNECTIONS = 64;
const COMMANDS = 6_000;
const SHARE_ROUNDS = 5;
const LATENCY_APPENDS = 20_000;
const LATENCY_IN_FLIGHT = 64;
/** What the ledger's rule allows from an append to its signed checkpoint. */
const LATENCY_MAX_MS = 1_000;
const APPEND_COUNT = 1_000;
const RESTARTS = 5;
const RESTART_MAX_MS = 1_000;
const READY_WITHIN_MS = 60_000;

function event(note: string): NewEvent {
  const commandId = randomUUID();
  return {
    id: randomUUID(),
    type: 'SampleTaken',
    data: canonicalJson({ narrative: note, product: 'Current account', channel: 'web' }),
    metadata: canonicalJson({
      v: 1,
      actor: { id: 'handler-7', role: 'case-handler', via: 'bench' },
      recordedAt: '2026-01-01T00:00:00.000Z',
      commandId,
      correlationId: commandId,
      $correlationId: commandId,
      schemaVersion: 1,
      salt: randomBytes(16).toString('base64url'),
    }),
  };
}

function partsOn(eventStore: SqliteEventStore, directory: string): LedgerParts {
  return {
    eventStore,
    folder: new LedgerFolder(join(directory, 'ledger')),
    keyFile: join(directory, 'ledger.key'),
    origin: ORIGIN,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
  };
}

function refuseFault(error: unknown): never {
  throw error instanceof Error ? error : new Error(String(error));
}

/** Milliseconds from an append that resolved to a checkpoint that covers it. */
async function latenciesMs(directory: string): Promise<readonly number[]> {
  const store = await SqliteEventStore.open({ directory, mode: 'write' });
  const sequencer = startSequencer({ ...partsOn(store, directory), onFault: refuseFault });
  const latencies: number[] = [];
  const waits: Promise<void>[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < LATENCY_APPENDS; index = next++) {
      const { position } = await store.append(`sample-${randomUUID()}`, 'no-stream', [event('x')]);
      const appendedAtMs = performance.now();
      const settled = sequencer.settled(position, new AbortController().signal);
      waits.push(
        settled.then(() => {
          latencies.push(performance.now() - appendedAtMs);
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: LATENCY_IN_FLIGHT }, lane));
  await Promise.all(waits);
  await sequencer.stop();
  await store.close();
  return latencies;
}

const latencyBenchmark: Benchmark = {
  name: 'ledger-latency',
  about: 'from an append to a signed checkpoint that covers it, 64 appends in flight, by 1 s',
  run: async ({ directory, say }) => {
    const startedAtMs = performance.now();
    const latencies = await latenciesMs(mkdtempSync(join(directory, 'store-')));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    say(`${Math.round(latencies.length / seconds)} appends a second`);
    const reference = { name: 'ms allowed', value: LATENCY_MAX_MS };
    return [
      figure('ledger-latency/p50', percentile(latencies, 50), 'ms', reference),
      figure('ledger-latency/p99', percentile(latencies, 99), 'ms', reference),
    ];
  },
};

function serve(directory: string, ledger: 'on' | 'off'): Promise<Standalone> {
  const environment = { REDRESS_LEDGER: ledger };
  const configuration = readConfiguration(environment, {
    dataDir: directory,
    port: 0,
    auth: 'open',
  });
  return startStandalone(configuration, { projector: 'worker' });
}

const shareBenchmark: Benchmark = {
  name: 'ledger-share',
  about: 'commands a second (lodge, over HTTP) with the ledger on, by the same with it off',
  run: async ({ directory, say }) => {
    const rate = async (ledger: 'on' | 'off'): Promise<number> => {
      const server = await serve(mkdtempSync(join(directory, `${ledger}-`)), ledger);
      try {
        const order = { connections: CONNECTIONS, origin: server.address, chain: [LODGE] };
        // The first requests meet code that is not compiled yet.
        await chainsPerSecond({ ...order, count: COMMANDS / 10 });
        const measured = await chainsPerSecond({ ...order, count: COMMANDS });
        say(`${ledger}: ${Math.round(measured)} commands a second`);
        return measured;
      } finally {
        await server.close();
      }
    };
    const [on, off] = await inTurn(
      SHARE_ROUNDS,
      () => rate('on'),
      () => rate('off'),
    );
    const reference = { name: 'commands/s without the ledger', value: off };
    return [figure('ledger-share', on, 'commands/s', reference)];
  },
};

async function fill(store: SqliteEventStore, count: number): Promise<void> {
  for (let left = count; left > 0; left -= APPEND_COUNT) {
    const events = Array.from({ length: Math.min(left, APPEND_COUNT) }, (_, at) =>
      event(`A fee was charged twice in one month, ${at}, and nobody could say why.`),
    );
    await store.append(`sample-${randomUUID()}`, 'no-stream', events);
  }
}

/** Events a second: read, and the payload of each and 65 bytes for its node hashed, and no more. */
async function bareRate(store: SqliteEventStore, count: number): Promise<number> {
  const node = new Uint8Array(65);
  const startedAtMs = performance.now();
  for await (const page of store.readAll()) {
    for (const one of page) {
      createHash('sha256').update(payloadOf(one)).digest('hex');
      createHash('sha256').update(node).digest('hex');
    }
  }
  return (count * 1_000) / (performance.now() - startedAtMs);
}

async function restartMs(store: SqliteEventStore, directory: string): Promise<number> {
  const startedAtMs = performance.now();
  const sequencer = startSequencer({ ...partsOn(store, directory), onFault: refuseFault });
  const head = (await store.head()) ?? '';
  await sequencer.settled(head, AbortSignal.timeout(READY_WITHIN_MS));
  const ms = performance.now() - startedAtMs;
  await sequencer.stop();
  return ms;
}

const restartBenchmark: Benchmark = {
  name: 'ledger-restart',
  about: 'signs a million events that were there already, and starts again beside them, by 1 s',
  run: async ({ directory, million, say }) => {
    const store = await SqliteEventStore.open({ directory, mode: 'write' });
    try {
      await fill(store, million);
      say(`${million} events are there`);
      const bare = await bareRate(store, million);
      const startedAtMs = performance.now();
      await sequenceOnce(partsOn(store, directory));
      const rate = (million * 1_000) / (performance.now() - startedAtMs);
      const restarts: number[] = [];
      for (let round = 0; round < RESTARTS; round += 1) {
        restarts.push(await restartMs(store, directory));
      }
      const allowed = { name: 'ms allowed', value: RESTART_MAX_MS };
      return [
        figure('ledger-catch-up', rate, 'events/s', { name: 'read + two SHA-256', value: bare }),
        figure('ledger-restart', median(restarts), 'ms', allowed),
      ];
    } finally {
      await store.close();
    }
  },
};

export const ledgerBenchmarks: readonly Benchmark[] = [
  latencyBenchmark,
  shareBenchmark,
  restartBenchmark,
];
