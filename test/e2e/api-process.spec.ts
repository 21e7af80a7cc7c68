import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryEventStore } from '#event-store/memory';
import { AppendUnknown, StoreUnavailable } from '#event-store/port';
import { InvariantBroken } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { Projector } from '#read-models/projector';
import { readConfiguration, SystemClock, SystemRandomness, type Stores } from '#wiring';
import { startApi, type ApiOptions } from '../../apps/api/index.js';
import { projections } from '../../apps/contexts/contract.js';
import type { Running } from '../../apps/process/index.js';
import { LODGING } from './api-server.js';

const CONFIGURATION = {
  REDRESS_STORES: 'servers',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  MONGODB_URL: 'mongodb://127.0.0.1:1/redress',
};

/** Fails the next append in a way that only servers fail. */
class FaultyLog extends MemoryEventStore {
  fault: Error | undefined;

  override async append(...order: Parameters<MemoryEventStore['append']>) {
    const { fault } = this;
    this.fault = undefined;
    if (fault === undefined) return super.append(...order);
    // Written, and the answer lost: the awkward side of an unknown outcome.
    if (fault instanceof AppendUnknown) await super.append(...order);
    throw fault;
  }
}

let folder: string;
let eventStore: FaultyLog;
let readModels: MemoryReadModels;
let eventStoreDown: Error | undefined;
const log: string[] = [];
const apis: Running[] = [];
const stopping = new AbortController();
let projecting: Promise<void>;

function storesOf(): Stores {
  const ping = () => (eventStoreDown ? Promise.reject(eventStoreDown) : Promise.resolve());
  return {
    eventStore,
    readModels,
    probes: [
      { name: 'eventstore', address: 'node:2113', ping },
      { name: 'mongodb', address: 'node:27017', ping: () => Promise.resolve() },
    ],
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    close: () => Promise.resolve(),
  };
}

async function start(options: ApiOptions = {}): Promise<Running> {
  const configuration = readConfiguration(CONFIGURATION, { dataDir: folder, port: 0 });
  const api = await startApi(configuration, {
    stores: storesOf(),
    writeLog: (text) => log.push(text),
    ...options,
  });
  apis.push(api);
  return api;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'redress-api-process-'));
  eventStore = new FaultyLog();
  readModels = new MemoryReadModels();
  const projector = new Projector({ eventStore, readModels, projections });
  projecting = projector.run(stopping.signal);
});

afterAll(async () => {
  for (const api of apis) await api.close();
  stopping.abort();
  await projecting;
  rmSync(folder, { recursive: true });
});

function lodge(address: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${address}/v1/complaints`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(LODGING),
  });
}

/** Readiness, asked until it is so; the watch looks again within 2 s. */
async function readyWhen(address: string, status: number) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${address}/health/ready`);
    const body: unknown = await answer.json();
    if (answer.status === status) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never ${status}`);
}

describe('an api process', () => {
  it('is for servers only', async () => {
    await expect(startApi(readConfiguration({}))).rejects.toThrow('REDRESS_STORES');
  });

  it('answers an append of unknown outcome with 503, and goes on', async () => {
    const ended: number[] = [];
    const { address } = await start({ exit: (status) => ended.push(status) });
    eventStore.fault = new AppendUnknown('no answer');
    const key = { 'idempotency-key': 'unknown-1' };
    const unknown = await lodge(address, key);
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBe('1');
    expect(await unknown.json()).toMatchObject({ code: 'store.append-unknown' });
    const again = await lodge(address, key);
    expect(again.status).toBe(201);
    const { id } = (await again.json()) as { readonly id: string };
    expect(await eventStore.readStream(`complaint-${id}`)).toHaveLength(1);
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    expect(ended).toEqual([]);
  });

  it('ends when an invariant breaks', async () => {
    let exit: (status: number) => void = () => {};
    const ended = new Promise<number>((resolve) => {
      exit = resolve;
    });
    const { address } = await start({ exit });
    eventStore.fault = new InvariantBroken('cannot be');
    expect((await lodge(address)).status).toBe(500);
    expect(await ended).toBe(70);
    expect(await readyWhen(address, 503)).toMatchObject({
      checks: { process: { ok: false, code: 'internal.invariant-broken' } },
    });
  });

  it('names the server that is missing, and is ready again by itself', async () => {
    const { address } = await start();
    await readyWhen(address, 200);
    eventStoreDown = new StoreUnavailable('refused');
    expect(await readyWhen(address, 503)).toMatchObject({
      ready: false,
      checks: { eventstore: { ok: false, code: 'store.unavailable' }, mongodb: { ok: true } },
    });
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('redress_server_up{server="eventstore"} 0');
    expect(metrics).toContain('redress_server_up{server="mongodb"} 1');
    eventStoreDown = undefined;
    await readyWhen(address, 200);
  });

  it('counts no events to answer for its numbers', async () => {
    const { address } = await start();
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toContain('redress_events_appended_total');
    expect(metrics).not.toContain('redress_projection_lag_events');
  });

  it('shows what was written at another instance', async () => {
    const [one, two] = [await start(), await start()];
    for (let round = 0; round < 20; round += 1) {
      const { id, position } = (await (await lodge(one.address)).json()) as {
        readonly id: string;
        readonly position: string;
      };
      const headers = { 'redress-position': position };
      const shown = await fetch(`${two.address}/v1/complaints/${id}`, { headers });
      expect(shown.status).toBe(200);
      const listed = await fetch(`${two.address}/v1/complaints?limit=200`, { headers });
      const { items } = (await listed.json()) as { readonly items: readonly { id: string }[] };
      expect(items.map((item) => item.id)).toContain(id);
    }
  });
});
