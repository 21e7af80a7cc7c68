import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore } from '#event-store/memory';
import { MemoryReadModels } from '#read-models/memory';
import { partitionOf, PARTITION_COUNT, type Projection, type Row } from '#read-models/port';
import {
  appendSample,
  decodeSample,
  samples,
  samplesAgain,
  samplesLater,
  sampleStream,
} from '#testing/read-models';
import { VirtualTime } from '#testing/virtual-time';
import { Projector } from './projector.js';
import { SharedProjector } from './shared-projector.js';

/** Pages are read and stored in turns of the event loop, which pass no time. */
const TURNS = 20;
const TAKEOVER_MAX_MS = 15_000;
const SECOND_MS = 1_000;

let time: VirtualTime;
let eventStore: MemoryEventStore;
let readModels: MemoryReadModels;
let processes: Process[];

/** A projector as a process of its own, that can be stopped in order or killed. */
class Process {
  readonly projector: SharedProjector;
  readonly faults: Error[] = [];
  readonly rebuilds: string[] = [];
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;
  private dead = false;

  constructor(
    readonly me: string,
    projections: readonly Projection[] = [samples],
    pageSize = 3,
  ) {
    this.projector = new SharedProjector({
      eventStore,
      readModels: this.mortal(readModels.reopened()),
      projections: projections.map((projection) => ({ projection, decode: decodeSample })),
      me,
      pageSize,
      clock: time.now,
      wait: time.sleep,
      onFault: (error) => this.faults.push(error),
    });
    this.running = this.projector.run(this.ending.signal);
    // Whoever stops it is told; a test that kills it need not be.
    this.running.catch(() => {});
    processes.push(this);
  }

  /** As kill -9: whatever it has begun, nothing of it reaches anybody any more. */
  kill(): void {
    this.dead = true;
    this.ending.abort();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  async partitions(): Promise<readonly number[]> {
    return (await this.projector.status()).partitions;
  }

  private mortal<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (name === 'leases') return this.mortal(member as object);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]) => {
          if (this.dead) return new Promise(() => {});
          if (name === 'rebuild') this.rebuilds.push((args[0] as Projection).name);
          const answer: unknown = await Reflect.apply(member, object, args);
          return name === 'sharedWriter' ? this.mortal(answer as object) : answer;
        };
      },
    });
  }
}

beforeEach(() => {
  time = new VirtualTime(TURNS);
  eventStore = new MemoryEventStore();
  readModels = new MemoryReadModels();
  processes = [];
});

afterEach(() => {
  for (const process of processes) process.kill();
});

async function fill(count: number, from = 0): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    const type = n < 40 ? 'SampleMade' : 'SampleChanged';
    await appendSample(eventStore, n % 40, { type, data: { size: n } });
  }
}

const rowsOf = async (models: MemoryReadModels): Promise<readonly Row[]> =>
  (await models.find(samples, { limit: 1_000 })).rows;

/** What one projector alone makes of the log. */
async function refold(): Promise<readonly Row[]> {
  const alone = new MemoryReadModels();
  const projections = [{ projection: samples, decode: decodeSample }];
  await new Projector({ eventStore, readModels: alone, projections }).rebuild();
  return rowsOf(alone);
}

async function expectCaughtUp(): Promise<void> {
  const checkpoint = (await readModels.progress(samples)).checkpoint;
  const position = (await eventStore.head()) ?? '';
  const eventsSeen = await eventStore.countUpTo(position);
  expect(checkpoint).toEqual({ position, eventsSeen, eventsMissing: 0 });
  expect(await rowsOf(readModels)).toEqual(await refold());
}

describe('shared projectors', () => {
  it('share the partitions, fold each its own, and together all of the log', async () => {
    const [one, two] = [new Process('a'), new Process('b')];
    await time.pass(5 * SECOND_MS);
    await fill(120);
    await time.pass(5 * SECOND_MS);
    const [low, high] = [await one.partitions(), await two.partitions()];
    expect([low.length, high.length]).toEqual([8, 8]);
    expect(new Set([...low, ...high]).size).toBe(PARTITION_COUNT);
    await expectCaughtUp();
    expect([...one.faults, ...two.faults]).toEqual([]);
    expect(await one.projector.status()).toMatchObject({
      members: 2,
      takeovers: 0,
      lagEvents: 0,
      eventsMissing: 0,
      standsAside: false,
    });
  });

  it('take over within 15 s from one that is killed, and miss nothing', async () => {
    const [one, two] = [new Process('a'), new Process('b')];
    await time.pass(5 * SECOND_MS);
    one.kill();
    await fill(120);
    await time.pass(SECOND_MS);
    const { lagEvents } = await two.projector.status();
    expect(lagEvents).toBeGreaterThan(0);
    await time.pass(TAKEOVER_MAX_MS - SECOND_MS);
    expect(await two.partitions()).toHaveLength(PARTITION_COUNT);
    expect(await two.projector.status()).toMatchObject({ takeovers: 8, members: 1 });
    await expectCaughtUp();
  });

  it('hand over at once when one is stopped in order', async () => {
    const [one, two] = [new Process('a'), new Process('b')];
    await time.pass(5 * SECOND_MS);
    const stopping = one.stop();
    await time.pass(2 * SECOND_MS);
    await stopping;
    expect(await two.partitions()).toHaveLength(PARTITION_COUNT);
    expect(await two.projector.status()).toMatchObject({ takeovers: 0 });
    await fill(50);
    await time.pass(5 * SECOND_MS);
    await expectCaughtUp();
  });

  it('wait out read models that cannot be reached', async () => {
    const one = new Process('a');
    await time.pass(5 * SECOND_MS);
    const all = readModels.leases.records;
    const stored = [...all.values()];
    await fill(30);
    // Somebody came with newer tokens and went away again, which only its traces tell.
    await readModels.sharedWriter(samples, new Map([[3, 50]]));
    await fill(30, 30);
    await time.pass(3 * SECOND_MS);
    expect((await one.projector.status()).sharesLost).toBeGreaterThan(0);
    expect(one.faults).toEqual([]);
    for (const record of stored) {
      if (record.id === 'partition-3') all.set(record.id, { ...record, holder: null, token: 60 });
    }
    await time.pass(5 * SECOND_MS);
    await expectCaughtUp();
  });

  it('build anew by one of them only, and all go on with what took its place', async () => {
    await fill(60);
    const first = new Process('a');
    await time.pass(3 * SECOND_MS);
    first.kill();
    const later = ['b', 'c', 'd'].map((me) => new Process(me, [samplesAgain]));
    await time.pass(3 * SECOND_MS);
    expect(later.flatMap(({ rebuilds }) => rebuilds)).toEqual([samples.name]);
    expect(await readModels.progress(samplesAgain)).toMatchObject({
      condition: 'live',
      version: 3,
    });
    await fill(60, 60);
    await time.pass(TAKEOVER_MAX_MS);
    const { checkpoint } = await readModels.progress(samplesAgain);
    expect(checkpoint).toMatchObject({ eventsSeen: 120, eventsMissing: 0 });
    expect(later.flatMap(({ rebuilds }) => rebuilds)).toEqual([samples.name]);
  });

  it('of an earlier program stand aside while a later one lives, and rebuild once it is gone', async () => {
    await fill(60);
    const old = new Process('a', [samples]);
    await time.pass(3 * SECOND_MS);
    const later = new Process('b', [samplesLater]);
    await time.pass(TAKEOVER_MAX_MS);
    expect(await readModels.progress(samplesLater)).toMatchObject({ condition: 'live' });
    expect((await old.projector.status()).standsAside).toBe(true);
    expect(await old.partitions()).toEqual([]);
    expect(await later.partitions()).toHaveLength(PARTITION_COUNT);
    expect(old.rebuilds).toEqual([]);
    later.kill();
    await time.pass(2 * TAKEOVER_MAX_MS);
    expect(old.rebuilds).toEqual([samples.name]);
    expect(await old.partitions()).toHaveLength(PARTITION_COUNT);
    await expectCaughtUp();
  });

  it('begin anew when the log is another one', async () => {
    await fill(90);
    const before = new Process('a');
    await time.pass(3 * SECOND_MS);
    before.kill();
    eventStore = new MemoryEventStore();
    await fill(20);
    const later = ['b', 'c'].map((me) => new Process(me));
    await time.pass(2 * TAKEOVER_MAX_MS);
    expect(later.flatMap(({ rebuilds }) => rebuilds)).toEqual([samples.name]);
    await expectCaughtUp();
  });

  it('begin anew when one partition only had come further, in a log that was put back', async () => {
    await fill(90);
    const before = new Process('a');
    await time.pass(3 * SECOND_MS);
    before.kill();
    const checkpoint = { position: '900', eventsSeen: 901, eventsMissing: 0 };
    const ahead = await readModels.sharedWriter(samples, new Map([[7, 50]]));
    await ahead.store({ changes: [], checkpoint });
    const later = new Process('b');
    await time.pass(TAKEOVER_MAX_MS);
    expect(later.rebuilds).toEqual([samples.name]);
    await expectCaughtUp();
  });

  it('stop at an event that cannot be folded, and name it', async () => {
    await fill(45);
    const garbled = await appendSample(eventStore, 2, { type: 'Garbled', data: {} });
    const one = new Process('a');
    await time.pass(5 * SECOND_MS);
    await expect(one.stop()).rejects.toMatchObject({ eventId: garbled.id });
    const others = [...readModels.leases.records.values()];
    expect(others.filter(({ holder }) => holder !== null)).toEqual([]);
  });

  it('leave a rebuild that is asked for to one process, and compare what came of it', async () => {
    await fill(60);
    const one = new Process('a');
    await time.pass(3 * SECOND_MS);
    const projections = [{ projection: samples, decode: decodeSample }];
    const options = { eventStore, readModels: readModels.reopened(), projections };
    const asked = new SharedProjector({ ...options, clock: time.now, wait: time.sleep });
    const rebuilt = asked.rebuild();
    await time.pass(2 * SECOND_MS);
    expect(await rebuilt).toEqual({ events: 60, documents: 40 });
    expect(await one.partitions()).toHaveLength(PARTITION_COUNT);
    await fill(10, 60);
    await time.pass(2 * SECOND_MS);
    await expectCaughtUp();
    expect(await asked.compare()).toMatchObject({ differing: 0, eventsMissing: 0, events: 70 });
  });
});

type Step = { readonly kind: 'events' | 'join' | 'kill' | 'stop' | 'wait'; readonly size: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('events', 'events', 'join', 'kill', 'stop', 'wait'),
  size: fc.nat(30),
});

describe('shared projectors, whoever comes, goes or is killed', () => {
  it('live = refold, nothing missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.integer({ min: 1, max: 9 }), run),
      { numRuns: 60 },
    );
  }, 300_000);

  async function run(steps: readonly Step[], pageSize: number): Promise<void> {
    time = new VirtualTime(TURNS);
    eventStore = new MemoryEventStore();
    readModels = new MemoryReadModels();
    processes = [];
    let living = [new Process('p0', [samples], pageSize)];
    let written = 0;
    for (const { kind, size } of steps) {
      const chosen = living[size % living.length];
      if (kind === 'events') {
        await fill(size, written);
        written += size;
      }
      if (kind === 'join') living.push(new Process(`p${processes.length}`, [samples], pageSize));
      if (kind === 'kill' && living.length > 1) chosen?.kill();
      const stopping = kind === 'stop' && living.length > 1 ? chosen?.stop() : undefined;
      await time.pass(size * 100 + 100);
      await stopping;
      if (kind === 'kill' || kind === 'stop') {
        living = living.length > 1 ? living.filter((one) => one !== chosen) : living;
      }
    }
    await fill(40, written);
    await time.pass(2 * TAKEOVER_MAX_MS);
    await expectCaughtUp();
    const held = await Promise.all(living.map((one) => one.partitions()));
    expect(new Set(held.flat()).size).toBe(held.flat().length);
    for (const process of processes) process.kill();
  }
});

describe('partitions', () => {
  it('take their streams evenly', () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 1_600; n += 1) {
      const partition = partitionOf(sampleStream(n));
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    expect(counts.size).toBe(PARTITION_COUNT);
    expect(Math.max(...counts.values())).toBeLessThan(140);
  });
});
