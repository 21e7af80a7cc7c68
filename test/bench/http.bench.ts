import { setTimeout as pause } from 'node:timers/promises';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { readConfiguration } from '#wiring';
import { startStandalone, type Standalone } from '../../apps/standalone/index.js';
import { figure, inTurn, percentile, type Benchmark } from './figure.js';
import type { LoadReport, RequestOrder } from './load.js';
import { startEcho } from './raw-echo.js';
import { chainsPerSecond, sendLoad } from './send-load.js';

const CONNECTIONS = 64;
const COMMANDS = 20_000;
const LIFECYCLES = 8_000;
const ROUNDS = 3;
const LAG_POLL_MS = 20;

const COMPLAINT = {
  channel: 'web',
  product: 'Current account',
  country: 'IE',
  narrative: 'A fee of 12.50 was charged twice in one month and nobody could say why.',
  allegations: [{ issue: 'Fees', subIssue: 'Charged twice' }],
  complainant: { email: 'complainant@example.org', preferredMedium: 'e-mail' },
  remedySought: 'refund',
};

export const LODGE: RequestOrder = {
  method: 'POST',
  path: '/v1/complaints',
  body: COMPLAINT,
  status: 201,
};

/** Lodge, assign, close, search: as published benchmarks of complaint systems do it. */
const LIFECYCLE: readonly RequestOrder[] = [
  LODGE,
  {
    method: 'POST',
    path: '/v1/complaints/{id}/assignment',
    body: { assignee: 'handler-bench', team: 'team-bench' },
    status: 200,
  },
  {
    method: 'POST',
    path: '/v1/complaints/{id}/closure',
    body: { closureReason: 'out-of-scope' },
    status: 200,
  },
  {
    method: 'GET',
    path: '/v1/complaints?assignee=handler-bench&sort=-receivedAt&limit=20',
    status: 200,
  },
];

/** A server on the store in a folder, projector in its thread, as `npm start` runs it. */
export async function serve(directory: string): Promise<Standalone> {
  const configuration = readConfiguration({}, { dataDir: directory, port: 0, auth: 'open' });
  return startStandalone(configuration, { projector: 'worker' });
}

/** Waits until the read models hold all events; the load is not over before that. */
export async function whenProjected({ address }: Standalone): Promise<void> {
  for (;;) {
    const answer = await fetch(`${address}/metrics`);
    const text = await answer.text();
    const lag = /^redress_projection_lag_events(?:\{[^}]*\})? (\d+)$/gm;
    const lags = [...text.matchAll(lag)].map((match) => Number(match[1]));
    if (lags.length > 0 && lags.every((events) => events === 0)) return;
    await pause(LAG_POLL_MS);
  }
}

/** Lifecycles a second over HTTP until the last event is in the read models, and the latencies. */
export async function lifecyclesPerSecond(
  server: Standalone,
  count: number,
): Promise<readonly [number, LoadReport]> {
  const startedAtMs = performance.now();
  const report = await sendLoad({
    origin: server.address,
    connections: CONNECTIONS,
    count,
    chain: LIFECYCLE,
  });
  await whenProjected(server);
  return [(report.chains * 1_000) / (performance.now() - startedAtMs), report];
}

const commandBenchmark: Benchmark = {
  name: 'command',
  about:
    'one command (lodge) through the whole stack, by a bare Nest echo with the same validation',
  run: async ({ directory }) => {
    const echo = await startEcho();
    const server = await serve(mkdtempSync(join(directory, 'store-')));
    const order = { connections: CONNECTIONS, count: COMMANDS };
    try {
      const [ours, bare] = await inTurn(
        ROUNDS,
        () => chainsPerSecond({ ...order, origin: server.address, chain: [LODGE] }),
        () =>
          chainsPerSecond({ ...order, origin: echo.address, chain: [{ ...LODGE, path: '/echo' }] }),
      );
      const reference = { name: 'bare Nest echo, same validation', value: bare };
      return [figure('command', ours, 'commands/s', reference)];
    } finally {
      await server.close();
      await echo.close();
    }
  },
};

const lifecycleBenchmark: Benchmark = {
  name: 'lifecycle',
  about: 'lodge, assign, close, search over HTTP on an empty store, until projected',
  run: async ({ directory }) => {
    const echo = await startEcho();
    const server = await serve(mkdtempSync(join(directory, 'store-')));
    const latenciesMs: number[] = [];
    try {
      const [ours, bare] = await inTurn(
        ROUNDS,
        async () => {
          const [rate, report] = await lifecyclesPerSecond(server, LIFECYCLES);
          latenciesMs.push(...report.latenciesMs);
          return rate;
        },
        () =>
          chainsPerSecond({
            origin: echo.address,
            connections: CONNECTIONS,
            count: LIFECYCLES,
            chain: Array.from({ length: LIFECYCLE.length }, () => ({ ...LODGE, path: '/echo' })),
          }),
      );
      const reference = { name: 'four bare echoes', value: bare };
      const p99 = percentile(latenciesMs, 99);
      const p50 = { name: 'median', value: percentile(latenciesMs, 50) };
      return [
        figure('lifecycle', ours, 'lifecycles/s', reference),
        figure('lifecycle-p99', p99, 'ms', p50),
      ];
    } finally {
      await server.close();
      await echo.close();
    }
  },
};

export const httpBenchmarks: readonly Benchmark[] = [commandBenchmark, lifecycleBenchmark];
