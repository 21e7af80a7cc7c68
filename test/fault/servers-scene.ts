import { setTimeout as pause } from 'node:timers/promises';
import { startNotices, type Notices } from '#correspondence';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { openRedisNotices } from '#notices/bullmq';
import type { Position } from '#kernel';
import { MongoReadModels } from '#read-models/mongodb';
import { ReadModelsUnavailable, type Projection, type ReadModels } from '#read-models/port';
import { SharedProjector } from '#read-models/projector';
import { SystemClock, SystemRandomness } from '#wiring';
import { projections } from '../../apps/contexts/contract.js';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.js';
import { serveApi } from './servers-api.js';
import { directDoor, httpDoor } from './servers-doors.js';
import { startGround, type Ground } from './servers-ground.js';
import { Load } from './servers-load.js';
import { PostBox } from './servers-post.js';

export const SERVERS = ['event-store', 'read-models', 'queue'] as const;
export type Server = (typeof SERVERS)[number];

const CLIENTS = 4;
const THINK_MAX_MS = 80;
const TICK_MS = 200;
/** An attempt whose record was lost is anybody's again after this; no fault here lasts as long. */
const ATTEMPT_TIMEOUT_MS = 20_000;
const ASK_AGAIN_MS = 20;
const WAIT_MS = 1_000;

/** A server as its clients see it: through a proxy that does it harm. */
export type Harmed = { readonly proxy: TcpProxy; readonly url: string };

/** Everything that runs in servers mode, each with connections of its own through the proxies. */
export type Scene = {
  readonly ground: Ground;
  readonly harmed: Readonly<Record<Server, Harmed>>;
  readonly load: Load;
  readonly post: PostBox;
  /** Read models as an api process reads them. */
  readonly reader: ReadModels;
  /** Past the proxies, for who looks at the outcome. */
  readonly log: EventStoreDbEventStore;
  readonly readModels: MongoReadModels;
  /** Faults that projectors and notices have waited out, by name. */
  readonly waitedOut: ReadonlyMap<string, number>;
  /** Rejects when load or projectors end before they are told to. */
  readonly running: Promise<never>;
  /** Lets the load end; resolves when every command is acknowledged. */
  readonly endLoad: () => Promise<void>;
  /** Ends notices as their process would: what was sent is recorded as sent. */
  readonly endNotices: () => Promise<void>;
  readonly endProjectors: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function openScene(seed: string, actorId: string): Promise<Scene> {
  const ground = await startGround();
  const closing: (() => Promise<void>)[] = [() => ground.stop()];
  const harm = async (url: string): Promise<Harmed> => {
    const { hostname, port } = new URL(url);
    const proxy = await startProxy({ target: { host: hostname, port: Number(port) } });
    closing.push(() => proxy.stop());
    return { proxy, url: proxy.urlOf(url) };
  };
  const openLog = async (url: string) => {
    const eventStore = await EventStoreDbEventStore.open({ url });
    closing.push(() => eventStore.close());
    return eventStore;
  };
  const openReadModels = async (url: string, mode: 'write' | 'read') => {
    const readModels = await MongoReadModels.open({ url, mode });
    closing.push(() => readModels.close());
    return readModels;
  };
  const harmed = {
    'event-store': await harm(ground.eventStoreUrl),
    'read-models': await harm(ground.mongoUrl),
    queue: await harm(ground.redisUrl),
  };
  const urls = { eventStoreUrl: harmed['event-store'].url, mongoUrl: harmed['read-models'].url };
  const waitedOut = new Map<string, number>();
  const onFault = (error: unknown) => {
    const name = error instanceof Error ? error.name : String(error);
    waitedOut.set(name, (waitedOut.get(name) ?? 0) + 1);
  };
  const ending = new AbortController();
  const project = async () => {
    const projector = new SharedProjector({
      eventStore: await openLog(urls.eventStoreUrl),
      readModels: await openReadModels(urls.mongoUrl, 'write'),
      projections,
      onFault,
    });
    await projector.run(ending.signal);
  };
  const apis = [await serveApi(urls, actorId), await serveApi(urls, actorId)];
  closing.push(...apis.map(({ close }) => close));
  const load = new Load({
    doors: [
      ...apis.map(({ address, token }) => httpDoor(address, token)),
      directDoor(await openLog(urls.eventStoreUrl), new SystemRandomness(), actorId),
    ],
    seed,
    clients: CLIENTS,
    actorId,
    thinkMaxMs: THINK_MAX_MS,
  });
  const post = new PostBox();
  const notices: Notices = startNotices({
    eventStore: await openLog(urls.eventStoreUrl),
    readModels: await openReadModels(urls.mongoUrl, 'read'),
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    ...openRedisNotices({ url: harmed.queue.url, prefix: actorId, onFault }),
    mail: post,
    onFault,
    limits: { tickMs: TICK_MS, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
  });
  closing.push(() => notices.stop());
  const projecting = Promise.all([project(), project()]);
  const loading = load.run();
  const running = Promise.race([projecting, loading]).then((): never => {
    throw new Error('load or projectors ended before they were told to');
  });
  return {
    ground,
    harmed,
    load,
    post,
    reader: await openReadModels(urls.mongoUrl, 'read'),
    log: await openLog(ground.eventStoreUrl),
    readModels: await openReadModels(ground.mongoUrl, 'write'),
    waitedOut,
    running,
    endLoad: async () => {
      load.end();
      await loading;
    },
    endNotices: () => notices.stop(),
    endProjectors: async () => {
      ending.abort();
      await projecting;
    },
    close: async () => {
      load.end();
      ending.abort();
      for (const end of closing.toReversed()) await end();
    },
  };
}

export type Wanted = {
  readonly projections: readonly Projection[];
  readonly position: Position;
  readonly timeoutMs: number;
};

/** Waits until read models have passed a position, as a reader does who is told to come again. */
export async function isShown(
  readModels: ReadModels,
  { projections: wanted, position, timeoutMs }: Wanted,
): Promise<boolean> {
  const endsAtMs = performance.now() + timeoutMs;
  for (const projection of wanted) {
    for (let passed = false; !passed;) {
      if (performance.now() > endsAtMs) return false;
      try {
        passed = await readModels.waitFor(projection, position, WAIT_MS);
      } catch (error) {
        if (!(error instanceof ReadModelsUnavailable)) throw error;
        await pause(ASK_AGAIN_MS);
      }
    }
  }
  return true;
}
