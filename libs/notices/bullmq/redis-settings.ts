import { Redis } from 'ioredis';
import { unavailable, within } from './redis-link.js';

/** What an operator must know of the server; for `doctor`. */
export type RedisSettings = {
  readonly version: string;
  /** Must be `noeviction`. */
  readonly maxmemoryPolicy: string;
  /** What would outlive a restart; any will do, because everything is derived again. */
  readonly persistence: { readonly appendOnly: boolean; readonly snapshots: boolean | 'unknown' };
  /** The server's clock minus the one here, as far as the answer's way allows; nothing relies on it. */
  readonly clockSkewMs: number;
};

const SETTINGS_TIMEOUT_MS = 5_000;

/** Asks a server once, on a connection of its own. @throws NoticesUnavailable */
export async function redisSettings(url: string): Promise<RedisSettings> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: SETTINGS_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lastError: unknown;
  redis.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    return await within(SETTINGS_TIMEOUT_MS, read(redis));
  } catch (error) {
    throw unavailable('redis cannot be asked for its settings', lastError ?? error);
  } finally {
    redis.disconnect();
  }
}

async function read(redis: Redis): Promise<RedisSettings> {
  await redis.connect();
  const information = await redis.info();
  const [seconds, micros] = await redis.time();
  const serverMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  return {
    version: factOf(information, 'redis_version') ?? 'unknown',
    maxmemoryPolicy: policyOf(information),
    persistence: {
      appendOnly: factOf(information, 'aof_enabled') === '1',
      snapshots: await snapshotsOf(redis),
    },
    clockSkewMs: serverMs - Date.now(),
  };
}

/** Servers for hire often do not let their configuration be read. */
async function snapshotsOf(redis: Redis): Promise<boolean | 'unknown'> {
  try {
    const [, save] = (await redis.config('GET', 'save')) as readonly string[];
    return save === undefined ? 'unknown' : save !== '';
  } catch {
    return 'unknown';
  }
}

/** The policy as INFO tells it, which needs no right to read the configuration. */
export function policyOf(information: string): string {
  return factOf(information, 'maxmemory_policy') ?? 'unknown';
}

function factOf(information: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(information)?.[1];
}
