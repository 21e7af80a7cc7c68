import { randomUUID } from 'node:crypto';
import { spawnTypescript } from '#testing/child-process';
import { mongoName, mongoOffer, startMongo, urlOf } from '../servers/mongodb/stand-in.js';
import { REDIS_VERSION, redisOffer, startRedis } from '../servers/redis/redis-server.js';
import type { Offer } from '../servers/offered.js';

const DOUBLE = new URL('../servers/eventstoredb/double.main.ts', import.meta.url);
/** Set to run against a real server, as the suites of the adapters are. */
const EVENTSTORE_URL = 'EVENTSTORE_URL';

/** Servers to do harm to the connections of; the servers themselves stay well. */
export type Ground = {
  readonly eventStoreUrl: string;
  /** With a database of this run's own. */
  readonly mongoUrl: string;
  readonly redisUrl: string;
  /** What the figures were measured on. */
  readonly name: string;
  readonly stop: () => Promise<void>;
};

export async function groundOffer(): Promise<Offer> {
  const redis = redisOffer();
  return 'missing' in redis ? redis : mongoOffer();
}

export async function startGround(): Promise<Ground> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.toReversed()) await end();
  };
  try {
    const log = await startLogServer();
    started.push(log.stop);
    const mongo = await startMongo();
    started.push(mongo.stop);
    const redis = await startRedis();
    started.push(() => redis.stop());
    return {
      eventStoreUrl: log.url,
      mongoUrl: urlOf(mongo, `redress-fault-${randomUUID()}`),
      redisUrl: redis.url,
      name: `${log.name}, ${await mongoName()} and redis ${REDIS_VERSION}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In a process of its own, so that its turns are not those of the clients and of the proxies. */
async function startLogServer(): Promise<{
  readonly url: string;
  readonly name: string;
  readonly stop: () => Promise<void>;
}> {
  const given = process.env[EVENTSTORE_URL];
  if (given) return { url: given, name: 'the EventStoreDB given', stop: () => Promise.resolve() };
  const child = spawnTypescript({ script: DOUBLE, args: [] });
  const lines = child.lines[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error(`the double ended: ${(await child.ended).errorText}`);
  return {
    url: first.value,
    name: 'double of EventStoreDB',
    stop: async () => {
      child.process.kill('SIGTERM');
      await child.ended;
    },
  };
}
