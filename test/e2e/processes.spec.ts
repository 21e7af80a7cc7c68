import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDoubleProcess, type DoubleProcess } from '../servers/eventstoredb/double-process.js';
import { standInOffer, startStandIn, type StandIn } from '../servers/mongodb/stand-in.js';
import { serverSuite } from '../servers/offered.js';
import { freePort, redisOffer, startRedis } from '../servers/redis/redis-server.js';
import { CRITERIA, LODGING } from './api-server.js';
import { endOf, ensureBuilt, startCli } from './run-cli.js';
import {
  eventually,
  healthWhen,
  metricOf,
  startProcess,
  type StartedProcess,
} from './server-processes.js';

jest.setTimeout(240_000);

const SECRET = 'hunter2';

let folder: string;
let environment: Readonly<Record<string, string>>;
let ports: { readonly log: number; readonly models: number };
let log: DoubleProcess;
let models: StandIn;
const started: StartedProcess[] = [];

async function start(
  name: 'api' | 'projector' | 'worker',
  more: Readonly<Record<string, string>> = {},
): Promise<StartedProcess> {
  const one = await startProcess(name, { ...environment, ...more });
  started.push(one);
  return one;
}

async function post(
  { address }: StartedProcess,
  path: string,
  body: object,
): Promise<{ readonly id: string; readonly reference: string; readonly position: string }> {
  const answer = await fetch(`${address}/v1/complaints${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  expect([200, 201, text]).toContain(answer.status);
  return JSON.parse(text) as never;
}

/** A list as it is once the position is seen; asked again while the read model is being made. */
function listAt(
  { address }: StartedProcess,
  position: string,
  query = '',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return eventually(async () => {
    const answer = await fetch(`${address}/v1/complaints?limit=200${query}`, {
      headers: { 'redress-position': position },
    });
    if (answer.status === 503) return undefined;
    const { items } = (await answer.json()) as { readonly items: readonly never[] };
    return items;
  });
}

const cli = (...args: readonly string[]) => endOf(startCli(args, { environment }));

serverSuite('processes on the doubles of EventStoreDB and MongoDB', await standInOffer(), () => {
  beforeAll(async () => {
    ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'redress-processes-'));
    ports = { log: await freePort(), models: await freePort() };
    const eventStoreFile = join(folder, 'eventstore-url');
    writeFileSync(eventStoreFile, `esdb://admin:${SECRET}@127.0.0.1:${ports.log}?tls=false\n`);
    environment = {
      REDRESS_STORES: 'servers',
      REDRESS_DATA_DIR: folder,
      EVENTSTORE_URL_FILE: eventStoreFile,
      MONGODB_URL: `mongodb://127.0.0.1:${ports.models}/?directConnection=true&retryWrites=false`,
    };
  });

  afterAll(async () => {
    for (const one of started) await one.kill();
    await log?.stop();
    await models?.stop();
    rmSync(folder, { recursive: true });
  });

  describe('before there are servers', () => {
    it('commands give up with status 3, naming what they missed', async () => {
      const { status, stderr } = await cli('count');
      expect(status).toBe(3);
      expect(stderr).toMatch(/(?:EventStoreDB|MongoDB) at 127\.0\.0\.1:\d+ did not answer/);
      expect(stderr).not.toContain(SECRET);
    });

    it('processes start, name what is missing, and are ready once it is there', async () => {
      const processes = [await start('api'), await start('api'), await start('projector')];
      for (const one of processes) {
        expect(await healthWhen(one, 503)).toMatchObject({
          ready: false,
          checks: {
            eventstore: { ok: false, code: 'store.unavailable' },
            mongodb: { ok: false, code: 'read-models.unavailable' },
          },
        });
      }
      log = await startDoubleProcess({ port: ports.log });
      models = await startStandIn({ port: ports.models });
      for (const one of processes) {
        expect(await healthWhen(one, 200)).toMatchObject({ ready: true });
        const changes = one
          .lines()
          .filter(({ what, level }) => what === 'mongodb' && level !== 'warn');
        expect(changes).toMatchObject([{ level: 'error', retrying: true }, { back: true }]);
        expect(one.log()).not.toContain(SECRET);
      }
    });
  });

  describe('side by side', () => {
    it('take a complaint from receipt to closing, each step at another instance', async () => {
      const [one, two] = started;
      if (!one || !two) throw new Error('not started');
      const { id, reference } = await post(one, '', LODGING);
      const steps: readonly (readonly [string, object])[] = [
        ['acknowledgement', { medium: 'post' }],
        ['assessment', { criteria: CRITERIA, priority: 'normal' }],
        ['assignment', { team: 'team-a', assignee: 'handler-9' }],
        ['decision', { outcome: 'monetary-relief' }],
        ['reply', { reply: 'accepted' }],
        ['closure', { closureReason: 'accepted' }],
      ];
      const expected = ['open', 'open', 'open'];
      for (const [index, [noun, body]] of steps.entries()) {
        const [writer, reader] = index % 2 === 0 ? [two, one] : [one, two];
        const { position } = await post(writer, `/${id}/${noun}`, body);
        const [row] = await listAt(reader, position, `&reference=${reference}`);
        expect(row).toMatchObject({ reference, revision: index + 1 });
        if (index < expected.length) expect(row).toMatchObject({ status: expected[index] });
      }
      const shown = await fetch(`${one.address}/v1/complaints/${reference}`);
      expect(await shown.json()).toMatchObject({ status: 'closed', revision: 6 });
    });

    it('tell in numbers who folds what', async () => {
      const projector = started[2];
      if (!projector) throw new Error('not started');
      const held = () => metricOf(projector, 'redress_partitions_held');
      await eventually(async () => ((await held()) === 16 ? true : undefined));
      for (const projection of ['complaint-register', 'daily-statistics']) {
        const of = `{projection="${projection}"}`;
        expect(await metricOf(projector, `redress_events_missing${of}`)).toBe(0);
        expect(await metricOf(projector, `redress_projection_lag_events${of}`)).toBe(0);
      }
    });

    it('go on when MongoDB was away and came back empty: read models are folded again', async () => {
      const [api, , projector] = started;
      if (!api || !projector) throw new Error('not started');
      await models.kill();
      expect(await healthWhen(api, 503)).toMatchObject({
        checks: { eventstore: { ok: true }, mongodb: { ok: false } },
      });
      const { id, position } = await post(api, '', LODGING);
      models = await startStandIn({ port: ports.models });
      await healthWhen(api, 200);
      await healthWhen(projector, 200);
      const rows = await listAt(api, position);
      expect(rows).toHaveLength(2);
      expect(rows.map((row) => row['id'])).toContain(id);
    });
  });

  describe('commands', () => {
    const HEADING =
      '"","Complaint ID",Product,Sub-product,Issue,Sub-issue,State,ZIP code,Date received,Date sent to company,Company response,Timely response?,Consumer disputed?';
    const ROWS = 40;

    function csv(): string {
      const rows = Array.from(
        { length: ROWS },
        (_, n) =>
          `${n},${5_000 + n},Product,,Issue,,NY,10001,1/${1 + (n % 28)}/2015,2/1/2015,Closed,Yes,`,
      );
      return `${[HEADING, ...rows].join('\n')}\n`;
    }

    it('import beside the processes, and again without writing anything', async () => {
      const file = join(folder, 'complaints.csv');
      writeFileSync(file, csv());
      const first = await cli('import', 'cfpb', file, '--json');
      expect(first.stderr).not.toContain('[');
      expect(JSON.parse(first.stdout)).toMatchObject({ rows: ROWS, lodged: ROWS, rejected: [] });
      const { stdout } = await cli('count', '--where', 'product=Product', '--json');
      expect(JSON.parse(stdout)).toEqual({ total: ROWS });
      const second = await cli('import', 'cfpb', file, '--json');
      expect(JSON.parse(second.stdout)).toMatchObject({ unchanged: ROWS, events: 0 });
    });

    it('import where no projector lives', async () => {
      const projector = started[2];
      await projector?.kill();
      const file = join(folder, 'more.csv');
      writeFileSync(
        file,
        csv()
          .replaceAll(',5', ',7')
          .replaceAll('Product,', 'Loan,')
          .replace('Loan,Sub', 'Product,Sub'),
      );
      const { status } = await cli('import', 'cfpb', file);
      expect(status).toBe(0);
      const { stdout } = await cli('count', '--where', 'product=Loan', '--json');
      expect(JSON.parse(stdout)).toEqual({ total: ROWS });
    });

    it('rebuild, compare, tell the status and export, from a position that is there or not', async () => {
      expect(await cli('rebuild')).toMatchObject({ status: 0 });
      expect(await cli('rebuild', '--compare')).toMatchObject({ status: 0 });
      const status = JSON.parse((await cli('status', '--json')).stdout);
      expect(status).toMatchObject({ lag: 0, eventsMissing: 0 });
      const all = (await cli('export', 'events')).stdout.trim().split('\n');
      expect(all).toHaveLength(status.events);
      const third: { readonly position: string } = JSON.parse(all[2] ?? '');
      const from = await cli('export', 'events', '--from', third.position);
      expect(from.stdout.trim().split('\n')).toEqual(all.slice(2));
      const beyond = String(BigInt(status.head) + 1_000n);
      expect(await cli('export', 'events', '--from', beyond)).toMatchObject({
        status: 0,
        stdout: '',
      });
    });

    it('doctor answers for each server, and finds that one disk holds the only copy', async () => {
      const { status, stdout } = await cli('doctor', '--json');
      const { checks } = JSON.parse(stdout) as {
        readonly checks: readonly { name: string; ok: boolean }[];
      };
      expect(status).toBe(1);
      expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
        'mongodb durability',
      ]);
      expect(checks.map(({ name }) => name)).toContain('ledger mark');
      expect(stdout).not.toContain(SECRET);
    });

    it.each([
      [['backup', 'somewhere'], 'redress migrate'],
      [['restore', 'somewhere'], 'redress migrate'],
      [['demo'], 'embedded store of its own'],
      [['serve'], 'dist/apps/api/main.js'],
    ])('%j says what to use instead', async (args, instead) => {
      const { status, stderr } = await cli(...args);
      expect(status).toBe(2);
      expect(stderr).toContain('REDRESS_STORES');
      expect(stderr).toContain(instead);
    });
  });

  it('end at SIGTERM with status 0', async () => {
    const projector = await start('projector');
    await healthWhen(projector, 200);
    const [api] = started;
    expect(await projector.stop()).toBe(0);
    expect(await api?.stop()).toBe(0);
  });

  serverSuite('a worker, on a real redis-server', redisOffer(), () => {
    it('asks for REDIS_URL', async () => {
      await expect(start('worker')).rejects.toThrow('REDIS_URL');
    });

    it('is not ready without Redis, and is once it is there', async () => {
      const port = await freePort();
      const worker = await start('worker', { REDIS_URL: `redis://127.0.0.1:${port}` });
      expect(await healthWhen(worker, 503)).toMatchObject({
        checks: { redis: { ok: false }, eventstore: { ok: true } },
      });
      const redis = await startRedis({ port });
      try {
        await healthWhen(worker, 200);
        expect(await worker.stop()).toBe(0);
      } finally {
        await redis.stop();
      }
    });

    it('refuses a Redis that may forget, at once', async () => {
      const redis = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
      try {
        await expect(start('worker', { REDIS_URL: redis.url })).rejects.toThrow('noeviction');
      } finally {
        await redis.stop();
      }
    });
  });
});
