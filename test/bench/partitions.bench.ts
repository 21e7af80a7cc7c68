import { setTimeout as pause } from 'node:timers/promises';
import { projections } from '#complaints/contract';
import type { EventStore } from '#event-store/port';
import { MemoryEventStore } from '#event-store/memory';
import { uuidV4, uuidV5, type Position } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { partitionOf, PARTITION_COUNT, type SharedReadModels } from '#read-models/port';
import { Projector, SharedProjector } from '#read-models/projector';
import { SystemRandomness } from '#wiring';
import { figure, median, perSecond, type Benchmark, type Figure } from './figure.js';
import { fillLog } from './many-complaints.js';
import { takeoverFigures } from './partition-takeovers.js';

const STREAMS = 1_000_000;
const UUID_BYTES = 16;
const NAMESPACE = '5b0d3b0e-4f1a-5c50-9f5d-3a3f0d6f4b8a';
/** Of 15 degrees of freedom: what chance alone exceeds once in a hundred times. */
const CHI_SQUARE_BOUND = 30.6;

const COMPLAINTS = 40_000;
/** Enough to be followed and not built anew when the rest of the log comes. */
const COMPLAINTS_BEFORE = 5_000;
const PROJECTORS = [1, 2, 4, 8, 16] as const;
/** Shares are alike; measuring two of many says as much as measuring all. */
const SHARES_MEASURED_MAX = 2;

/** Seldom enough to leave the projector its core. */
const LOOK_EVERY_MS = 5;
const ROUNDS = 3;

const HOLDER = 'member-of-the-bench';

function distributionOf(version: string, name: (n: number) => string): readonly Figure[] {
  const counts = new Array<number>(PARTITION_COUNT).fill(0);
  for (let n = 0; n < STREAMS; n += 1) {
    const partition = partitionOf(`complaint-${name(n)}`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  const mean = STREAMS / PARTITION_COUNT;
  const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  return [
    figure(`largest partition, ${version}`, Math.max(...counts), 'streams', {
      name: 'mean',
      value: mean,
    }),
    figure(`chi-square, ${version}`, chiSquare, '', {
      name: 'exceeded by chance 1 in 100',
      value: CHI_SQUARE_BOUND,
    }),
  ];
}

const distribution: Benchmark = {
  name: 'partition-spread',
  about: 'deals a million streams to partitions, by an even deal',
  run: async () => {
    const randomness = new SystemRandomness();
    return [
      ...distributionOf('v4', () => uuidV4(randomness.bytes(UUID_BYTES))),
      ...distributionOf('v5', (n) => uuidV5(NAMESPACE, String(n))),
    ];
  },
};

/** Leases as they are when so many projectors have come to rest; ours is the first or second. */
async function settle(readModels: SharedReadModels, projectors: number, ours: number) {
  const { leases } = readModels;
  const nameOf = (n: number) => (n === ours ? HOLDER : `other-${n}`);
  for (let n = 0; n < projectors; n += 1) {
    const holder = nameOf(n);
    await leases.replace(undefined, { id: `member-${holder}`, holder, token: 0, beat: 1 });
  }
  for (let partition = 0; partition < PARTITION_COUNT; partition += 1) {
    const holder = nameOf(partition % projectors);
    const record = { id: `partition-${partition}`, holder, token: 1, beat: 1 };
    await leases.replace(undefined, record);
  }
}

type Measured = {
  readonly log: MemoryEventStore;
  readonly before: Position;
  readonly events: number;
};

/** Events of the log a second that one of so many projectors passes, alone on its core. */
async function rateOf(measured: Measured, projectors: number, ours: number): Promise<number> {
  const { log, before, events } = measured;
  const readModels = new MemoryReadModels();
  const start = new Projector({ eventStore: cutAt(log, before), readModels, projections });
  await start.catchUp();
  await settle(readModels, projectors, ours);
  const ending = new AbortController();
  // A clock that stands still: nobody dies of having no process.
  const timeless = { me: HOLDER, clock: () => 0 };
  const projector = new SharedProjector({ eventStore: log, readModels, projections, ...timeless });
  const head = (await log.head()) ?? '';
  const share = new Map<number, number>();
  for (let n = ours; n < PARTITION_COUNT; n += projectors) share.set(n, 1);
  const running = projector.run(ending.signal);
  const startedAtMs = performance.now();
  const folded = async (): Promise<boolean> => {
    for (const { projection } of projections) {
      const writer = await readModels.sharedWriter(projection, share);
      if ((await writer.checkpoint())?.position !== head) return false;
    }
    return true;
  };
  while (!(await folded())) await pause(LOOK_EVERY_MS);
  const rate = perSecond(events, startedAtMs);
  ending.abort();
  await running;
  return rate;
}

/** The log as it was at a position. */
function cutAt(log: MemoryEventStore, to: Position): EventStore {
  return new Proxy<EventStore>(log, {
    get: (target, name) => {
      if (name === 'head') return async () => to;
      if (name === 'readAll') return (options: object) => target.readAll({ ...options, to });
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

const sharing: Benchmark = {
  name: 'partition-sharing',
  about: 'events a second of 1 to 16 projectors, each alone on its core, by one of them alone',
  run: async ({ say }) => {
    const log = new MemoryEventStore();
    await fillLog(log, COMPLAINTS_BEFORE, say);
    const before = (await log.head()) ?? '';
    const all = await fillLog(log, COMPLAINTS, say);
    say(`${all} events more; memory log, memory read models, three projections`);
    const measured = { log, before, events: all };
    const figures: Figure[] = [];
    let single = Number.NaN;
    // Once for warming up: what is compiled later than the first measurement would flatter the rest.
    await rateOf(measured, 1, 0);
    for (const projectors of PROJECTORS) {
      const rates: number[] = [];
      for (let ours = 0; ours < Math.min(projectors, SHARES_MEASURED_MAX); ours += 1) {
        const rounds: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          rounds.push(await rateOf(measured, projectors, ours));
        }
        rates.push(median(rounds));
      }
      const slowest = Math.min(...rates);
      if (projectors === 1) single = slowest;
      const reference = { name: 'one projector', value: single };
      figures.push(figure(`${projectors} projectors`, slowest, 'events/s', reference));
    }
    return figures;
  },
};

const takeovers: Benchmark = {
  name: 'partition-takeover',
  about:
    'a hundred projectors killed under load on a simulated clock, by the 15 s that are allowed',
  run: ({ say }) => takeoverFigures(say),
};

export const partitionBenchmarks: readonly Benchmark[] = [distribution, sharing, takeovers];
