import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { MemoryReadModels } from '#read-models/memory';
import { ReadModelsUnavailable } from '#read-models/port';
import { appendSample, decodeSample, samples } from '#testing/read-models';
import { VirtualTime } from '#testing/virtual-time';
import { SharedProjector } from './shared-projector.js';

const TURNS = 20;
const SECOND_MS = 1_000;

/** What happens to a call before it is answered; called with the name of the method. */
type Trouble = (name: string) => Promise<void>;

let time: VirtualTime;
let eventStore: MemoryEventStore;
let readModels: MemoryReadModels;
let trouble: Trouble;
let calls: { readonly name: string; readonly atMs: number }[];
let ending: AbortController;

const away = () =>
  Promise.reject(new ReadModelsUnavailable('read-models.unavailable', 'connections broke'));

function troubled<Target extends object>(target: Target): Target {
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name, object);
      if (name === 'leases') return troubled(member as object);
      if (typeof member !== 'function') return member;
      return async (...args: readonly unknown[]) => {
        calls.push({ name: String(name), atMs: time.now() });
        await trouble(String(name));
        const answer: unknown = await Reflect.apply(member, object, args);
        return name === 'sharedWriter' ? troubled(answer as object) : answer;
      };
    },
  });
}

beforeEach(async () => {
  time = new VirtualTime(TURNS);
  eventStore = new MemoryEventStore();
  readModels = new MemoryReadModels();
  trouble = () => Promise.resolve();
  calls = [];
  ending = new AbortController();
  const projector = new SharedProjector({
    eventStore,
    readModels: troubled(readModels),
    projections: [{ projection: samples, decode: decodeSample }],
    clock: time.now,
    wait: time.sleep,
  });
  projector.run(ending.signal).catch(() => {});
  await append(0);
});

afterEach(() => {
  ending.abort();
});

async function append(n: number): Promise<void> {
  await appendSample(eventStore, n, { type: 'SampleMade', data: { size: n } });
}

const timesOf = (name: string, fromMs = 0) =>
  calls.filter((call) => call.name === name && call.atMs >= fromMs).map(({ atMs }) => atMs);

const isShown = async () =>
  (await readModels.progress(samples)).checkpoint?.position === (await eventStore.head());

describe('a shared projector, after a fault of the read models', () => {
  it('begins once, also when it looks at them twice at the same time and slowly', async () => {
    await time.pass(9.5 * SECOND_MS);
    let looks = 0;
    let isBroken = true;
    // The look of who follows begins first, and ends after the one that is made every 10 s.
    trouble = async (name) => {
      if (name === 'store' && isBroken) {
        isBroken = false;
        return away();
      }
      if (name !== 'progress') return;
      looks += 1;
      await time.sleep((looks === 1 ? 3 : 2) * SECOND_MS);
    };
    const brokenAtMs = time.now();
    await append(1);
    await time.pass(3.3 * SECOND_MS);
    expect(looks).toBe(2);
    expect(timesOf('sharedWriter', brokenAtMs)).toHaveLength(1);
    expect(await isShown()).toBe(true);
  });

  it('tends its leases again after a quarter of the time', async () => {
    await time.pass(2.5 * SECOND_MS);
    trouble = (name) => (name === 'all' ? away() : Promise.resolve());
    await time.pass(0.9 * SECOND_MS);
    trouble = () => Promise.resolve();
    await time.pass(1.5 * SECOND_MS);
    expect(timesOf('all')).toEqual([0, 1_000, 2_000, 3_000, 3_250, 3_500, 4_500]);
  });

  it('goes on with what it followed when its leases lapsed and are renewed', async () => {
    await time.pass(11 * SECOND_MS);
    const lapsedAtMs = time.now();
    const leases = new Set(['all', 'replace']);
    trouble = (name) => (leases.has(name) ? away() : Promise.resolve());
    await time.pass(6 * SECOND_MS);
    trouble = () => Promise.resolve();
    await time.pass(SECOND_MS);
    expect(timesOf('progress', lapsedAtMs)).toEqual([]);
    expect(timesOf('sharedWriter', lapsedAtMs)).toHaveLength(1);
    await append(1);
    await time.pass(0.1 * SECOND_MS);
    expect(await isShown()).toBe(true);
  });
});
