import { millisOf, type Instant } from '#kernel';
import type { Projection } from '#read-models/port';
import {
  openServerStores,
  serverAddress,
  SystemClock,
  type Servers,
  type ServerStores,
} from '#wiring';
import { projections } from '../../contexts/contract.js';
import { lagOf, verdictOn } from '../lag.js';
import { answer, type Answer, type Check } from './check.js';
import { clockCheck } from './last-event.js';
import { serverLedgerChecks, type SignedFor } from './server-ledger.js';

/** How far a server's clock may be from ours. Nothing relies on it; people read times side by side. */
const CLOCK_SKEW_MAX_MS = 5_000;
/** Versions that the adapters were built for. */
const EVENTSTORE_VERSION_MIN = '23.10';
const MONGODB_VERSION_MIN = '4.4';

/** Every server and its settings; each check asks for itself, so that one answers beside another. */
export async function serverChecks(
  servers: Servers,
  configuration: SignedFor,
): Promise<readonly Check[]> {
  const stores = await openServerStores(servers, 'read');
  try {
    const checks = [
      await answer('eventstore', () => eventStoreCheck(stores)),
      await answer('mongodb', () => mongoCheck(stores)),
      await answer('mongodb durability', () => mongoDurabilityCheck(stores)),
      await answer('redis', () => redisCheck(servers)),
      await answer('clock of mongodb', () => mongoClockCheck(stores)),
      await answer('clock of redis', () => redisClockCheck(servers)),
      await answer('clock', () => clockCheck(stores.eventStore)),
    ];
    for (const { projection } of projections) {
      checks.push(await answer(projection.name, () => readModelCheck(stores, projection)));
    }
    return [...checks, ...(await serverLedgerChecks(configuration, stores.eventStore))];
  } finally {
    await stores.close();
  }
}

async function eventStoreCheck({ eventStore }: ServerStores): Promise<Answer> {
  await eventStore.ping();
  const { address, serverVersion, members, isEncrypted } = await eventStore.settings();
  const alive = members.filter(({ isAlive }) => isAlive);
  const leader = alive.find(({ state }) => /^LEADER$/i.test(state));
  const problems = [
    ...(isAtLeast(serverVersion, EVENTSTORE_VERSION_MIN)
      ? []
      : [`${EVENTSTORE_VERSION_MIN} or later is wanted`]),
    ...(leader ? [] : ['no node says that it is the leader']),
    ...(alive.length === members.length ? [] : ['a node is down']),
  ];
  const facts = [
    `EventStoreDB ${serverVersion} at ${serverAddress(address)}`,
    `${alive.length} of ${members.length} nodes alive`,
    ...(leader ? [`leader ${leader.address}`] : []),
    ...(isEncrypted ? [] : ['not encrypted']),
    'free disk and syncing are set at the server and not told',
  ];
  return verdict(facts, problems);
}

async function mongoCheck({ readModels, probes }: ServerStores): Promise<Answer> {
  await readModels.ping();
  const { version, database, storageEngine } = await readModels.settings();
  const address = probes.find(({ name }) => name === 'mongodb')?.address ?? '';
  const known = isAtLeast(version, MONGODB_VERSION_MIN);
  return verdict(
    [
      `MongoDB ${version} at ${address}, database ${database}`,
      ...(storageEngine === undefined ? [] : [storageEngine]),
    ],
    known ? [] : [`${MONGODB_VERSION_MIN} or later is wanted`],
  );
}

async function mongoDurabilityCheck({ readModels }: ServerStores): Promise<Answer> {
  const { replicaSet, journal, defaultWriteConcern } = await readModels.settings();
  return verdict(
    [
      replicaSet === undefined ? 'single server' : `replica set ${replicaSet}`,
      `journal ${journal === undefined ? 'not told' : journal ? 'on' : 'off'}`,
      `default write concern ${defaultWriteConcern ?? 'not told'}`,
    ],
    [
      ...(replicaSet === undefined
        ? ['its disk holds the only copy; a replica set is wanted']
        : []),
      ...(journal === false ? ['without a journal a crash loses what was acknowledged'] : []),
      ...(defaultWriteConcern === undefined || defaultWriteConcern === 'majority'
        ? []
        : ['majority is wanted']),
    ],
  );
}

async function redisCheck({ redisUrl }: Servers): Promise<Answer> {
  if (redisUrl === undefined) return NO_REDIS;
  const { version, maxmemoryPolicy, persistence } = await redisSettingsOf(redisUrl);
  const { appendOnly, snapshots } = persistence;
  const kept = [
    ...(appendOnly ? ['append-only file'] : []),
    ...(snapshots === true ? ['snapshots'] : []),
  ];
  return verdict(
    [
      `Redis ${version} at ${serverAddress(redisUrl)}`,
      `maxmemory-policy ${maxmemoryPolicy}`,
      `keeps over a restart: ${kept.join(' and ') || (snapshots === 'unknown' ? 'not told' : 'nothing')} (nothing need be)`,
    ],
    maxmemoryPolicy === 'noeviction' ? [] : ['noeviction is wanted: others tear queues apart'],
  );
}

async function mongoClockCheck({ readModels }: ServerStores): Promise<Answer> {
  const { localTime } = await readModels.settings();
  if (localTime === undefined) return { ok: true, detail: 'not told' };
  const skewMs = millisOf(localTime as Instant) - millisOf(new SystemClock().now());
  return clockVerdict(skewMs);
}

async function redisClockCheck({ redisUrl }: Servers): Promise<Answer> {
  if (redisUrl === undefined) return NO_REDIS;
  return clockVerdict((await redisSettingsOf(redisUrl)).clockSkewMs);
}

const NO_REDIS: Answer = { ok: true, detail: 'REDIS_URL is not set; only the worker needs it' };

/** Only adapters know drivers, and only who asks for Redis loads its own. */
async function redisSettingsOf(url: string) {
  const { redisSettings } = await import('#notices/bullmq');
  return redisSettings(url);
}

async function readModelCheck(stores: ServerStores, projection: Projection): Promise<Answer> {
  const progress = await stores.readModels.progress(projection);
  return verdictOn(progress, await lagOf(stores, progress));
}

function clockVerdict(skewMs: number): Answer {
  const direction = skewMs < 0 ? 'behind' : 'ahead of';
  const facts = [`${Math.abs(skewMs)} ms ${direction} ours`];
  const within = Math.abs(skewMs) <= CLOCK_SKEW_MAX_MS;
  return verdict(facts, within ? [] : [`at most ${CLOCK_SKEW_MAX_MS / 1_000} s is wanted`]);
}

function verdict(facts: readonly string[], problems: readonly string[]): Answer {
  return { ok: problems.length === 0, detail: [...facts, ...problems].join('; ') };
}

/** `24.2.0` is at least `23.10`. What is no version is taken for an old one. */
function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
