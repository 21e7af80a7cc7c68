import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryEventStore, MemoryLog } from '#event-store/memory';
import { sha256Hex, type NewEvent, type StoredEvent } from '#kernel';
import { eventOfSize, readAfter, sampleEvent, sampleEvents } from '#testing/event-store';
import { copyLog, eventLine, type Copied, type CopyPhase, type RunningHash } from './copy-log.js';
import { CopyRefused } from './copy-refused.js';
import { AppendUnknown, StoreUnavailable } from './errors.js';
import {
  APPEND_COUNT_MAX,
  APPEND_SIZE_MAX_BYTES,
  type EventStore,
  type ReadAllOptions,
} from './event-store.js';

type Sent = { readonly stream: string; readonly expected: unknown; readonly count: number };

/** Tells what was sent to it, how much of it at once, and errs where a test says so. */
class WatchedStore extends MemoryEventStore {
  readonly sent: Sent[] = [];
  readonly faults: ('before-effect' | 'after-effect')[] = [];
  underWayMax = 0;
  #underWay = 0;

  override async append(...args: Parameters<MemoryEventStore['append']>) {
    const [stream, expected, events] = args;
    this.sent.push({ stream, expected, count: events.length });
    this.#underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.#underWay);
    try {
      const fault = this.faults.shift();
      if (fault === 'before-effect') throw new StoreUnavailable('gone before');
      const appended = await super.append(...args);
      if (fault === 'after-effect') throw new AppendUnknown('gone after');
      return appended;
    } finally {
      this.#underWay -= 1;
    }
  }
}

function runningHash(): RunningHash {
  const hash = createHash('sha256');
  return { add: (text) => hash.update(text), hex: () => hash.digest('hex') };
}

type Run = { readonly stream: string; readonly count: number };

async function logOf(runs: readonly Run[], store: EventStore = new MemoryEventStore()) {
  for (const { stream, count } of runs) await store.append(stream, 'any', sampleEvents(count));
  return store;
}

function copy(
  source: EventStore,
  target: EventStore,
  options: {
    readonly appendsTogetherMax?: number;
    readonly faultsMax?: number;
    readonly onProgress?: (phase: CopyPhase, events: number) => void;
  } = {},
): Promise<Copied> {
  const { appendsTogetherMax = 1, faultsMax = 3, onProgress } = options;
  return copyLog({
    source: { store: source, faultsMax },
    target: { store: target, faultsMax, appendsTogetherMax },
    sha256: runningHash,
    ...(onProgress ? { onProgress } : {}),
  });
}

/** All of a log but for positions. */
async function linesOf(store: EventStore): Promise<readonly string[]> {
  return (await readAfter(store, undefined)).map(eventLine);
}

const STREAMS = ['sample-a', 'sample-b', 'sample-c'];

describe('a copy of a log', () => {
  it('holds every event of the source in its order, wherever an earlier copy had stopped', async () => {
    const run = fc.record({ stream: fc.constantFrom(...STREAMS), count: fc.nat({ max: 4 }) });
    const runs = fc.array(run, { maxLength: 40 });
    const cases = fc.asyncProperty(
      runs,
      fc.nat({ max: 100 }),
      fc.constantFrom(1, 7),
      async (all, share, appendsTogetherMax) => {
        const source = await logOf(all.filter(({ count }) => count > 0));
        const events = await readAfter(source, undefined);
        const kept = Math.floor((events.length * share) / 100);
        const log = new MemoryLog();
        log.add(events.slice(0, kept));
        const target = new MemoryEventStore({ log });
        const copied = await copy(source, target, { appendsTogetherMax });
        expect(await linesOf(target)).toEqual(await linesOf(source));
        expect(copied).toEqual({
          events: events.length,
          streams: new Set(events.map(({ stream }) => stream)).size,
          copied: events.length - kept,
          verified: true,
          sha256: sha256Hex(events.map(eventLine).join('')),
          isBehind: false,
        });
      },
    );
    await fc.assert(cases, { numRuns: 60 });
  });

  it('appends consecutive events of a stream at once, within the limits of the port', async () => {
    const source = new MemoryEventStore();
    const big = Array.from({ length: 18 }, () => eventOfSize(59_000));
    await logOf([{ stream: 'sample-a', count: 1_000 }], source);
    await logOf([{ stream: 'sample-a', count: 201 }], source);
    await source.append('sample-b', 'no-stream', big.slice(0, 16));
    await source.append('sample-b', 15, big.slice(16));
    await logOf([{ stream: 'sample-a', count: 1 }], source);
    const target = new WatchedStore();
    expect(await copy(source, target)).toMatchObject({ verified: true, copied: 1_220 });
    expect(APPEND_COUNT_MAX).toBe(1_000);
    expect(17 * 59_000).toBeGreaterThan(APPEND_SIZE_MAX_BYTES);
    expect(target.sent).toEqual([
      { stream: 'sample-a', expected: 'no-stream', count: 1_000 },
      { stream: 'sample-a', expected: 999, count: 201 },
      { stream: 'sample-b', expected: 'no-stream', count: 16 },
      { stream: 'sample-b', expected: 15, count: 2 },
      { stream: 'sample-a', expected: 1_200, count: 1 },
    ]);
  });

  it('waits for each append before the next, unless the target takes several in order', async () => {
    const runs = Array.from({ length: 50 }, (_, index) => ({
      stream: `sample-${index}`,
      count: 1,
    }));
    const source = await logOf(runs);
    const [strict, together] = [new WatchedStore(), new WatchedStore()];
    await copy(source, strict);
    await copy(source, together, { appendsTogetherMax: 20 });
    expect([strict.underWayMax, together.underWayMax]).toEqual([1, 20]);
    expect(await linesOf(together)).toEqual(await linesOf(strict));
  });

  it('tells how far it is', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 30 }]);
    const told: string[] = [];
    const onProgress = (phase: CopyPhase, events: number) => told.push(`${phase} ${events}`);
    await copy(source, new MemoryEventStore(), { onProgress });
    expect(told).toEqual(['copying 30', 'verifying 30']);
  });

  it('of an empty log is empty', async () => {
    const copied = await copy(new MemoryEventStore(), new MemoryEventStore());
    expect(copied).toMatchObject({ events: 0, streams: 0, copied: 0, verified: true });
    expect(copied.sha256).toBe(sha256Hex(''));
  });
});

describe('a target that is not how the source starts', () => {
  const refusal = async (source: EventStore, target: EventStore) => {
    const before = await linesOf(target);
    const error: unknown = await copy(source, target).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CopyRefused);
    expect(await linesOf(target)).toEqual(before);
    return error instanceof CopyRefused ? `${error.code}: ${error.message}` : '';
  };

  it('is refused with the first event that differs, and left as it is', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 5 }]);
    const [first, second] = await readAfter(source, undefined);
    const other = sampleEvent();
    const target = new MemoryEventStore();
    await target.append('sample-a', 'no-stream', [first ?? other, other]);
    expect(await refusal(source, target)).toMatch(
      new RegExp(
        `^migrate.target-not-a-prefix: .*event 1 is SampleTaken ${second?.id} at sample-a revision 1 in the source and SampleTaken ${other.id}`,
      ),
    );
  });

  it.each<readonly [string, (event: StoredEvent) => Partial<StoredEvent>]>([
    ['type', () => ({ type: 'SampleLost' })],
    ['stream', () => ({ stream: 'sample-other' })],
    ['data', () => ({ data: '{"note":"other"}' as StoredEvent['data'] })],
    ['metadata', () => ({ metadata: '{"v":2}' as StoredEvent['metadata'] })],
    ['revision', ({ revision }) => ({ revision: revision + 1 })],
  ])('is one that differs in its %s alone', async (_member, change) => {
    const source = await logOf([{ stream: 'sample-a', count: 2 }]);
    const log = new MemoryLog();
    const events = await readAfter(source, undefined);
    log.add(events.map((event, index) => (index === 1 ? { ...event, ...change(event) } : event)));
    expect(await refusal(source, new MemoryEventStore({ log }))).toContain('event 1 is');
  });

  it('is one that holds more', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 1 }]);
    const target = new MemoryEventStore();
    await copy(source, target);
    await logOf([{ stream: 'sample-b', count: 1 }], target);
    expect(await refusal(source, target)).toContain('event 1 is not there in the source');
  });
});

describe('faults while a log is copied', () => {
  it.each(['before-effect', 'after-effect'] as const)(
    'of the target, %s, are waited out: nothing is missing or doubled',
    async (fault) => {
      const source = await logOf(STREAMS.map((stream) => ({ stream, count: 3 })));
      const target = new WatchedStore();
      target.faults.push(fault, fault);
      expect(await copy(source, target)).toMatchObject({ verified: true, copied: 9 });
      expect(await linesOf(target)).toEqual(await linesOf(source));
      expect(target.sent).toHaveLength(5);
    },
  );

  it('of the source are waited out: it is read on from where it was', async () => {
    class Faltering extends MemoryEventStore {
      reads = 0;
      override async *readAll(options: ReadAllOptions = {}) {
        for await (const page of super.readAll({ ...options, pageSize: 4 })) {
          yield page;
          this.reads += 1;
          if (this.reads % 2 === 1) throw new StoreUnavailable('gone while reading');
        }
      }
    }
    const source = await logOf([{ stream: 'sample-a', count: 9 }], new Faltering());
    const target = new MemoryEventStore();
    expect(await copy(source, target)).toMatchObject({ verified: true, copied: 9 });
    expect((await readAfter(target, undefined)).map(({ revision }) => revision)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('that last longer than the side waits end the copy; run again, it goes on', async () => {
    const source = await logOf(STREAMS.map((stream) => ({ stream, count: 3 })));
    const target = new WatchedStore();
    await copy(await logOf([]), target);
    await target.append('sample-a', 'no-stream', (await source.readStream('sample-a')).map(plain));
    target.faults.push('before-effect', 'after-effect');
    await expect(copy(source, target, { faultsMax: 1 })).rejects.toBeInstanceOf(AppendUnknown);
    expect(await copy(source, target)).toMatchObject({ verified: true, events: 9, copied: 3 });
  });

  it('of another kind are not waited out', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 1 }]);
    const target = new MemoryEventStore();
    target.append = () => Promise.reject(new TypeError('a fault of the program'));
    await expect(copy(source, target)).rejects.toBeInstanceOf(TypeError);
  });
});

function plain({ id, type, data, metadata }: StoredEvent): NewEvent {
  return { id, type, data, metadata };
}

describe('a target that moves while it is written', () => {
  /** Somebody appends to the target after it was compared and before the copy comes to it. */
  class Overtaken extends WatchedStore {
    overtake: (() => Promise<unknown>) | undefined;
    override async append(...args: Parameters<MemoryEventStore['append']>) {
      const { overtake } = this;
      this.overtake = undefined;
      await overtake?.();
      return super.append(...args);
    }
  }

  it('by a late append of an earlier copy goes on behind it', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 6 }]);
    const events = (await readAfter(source, undefined)).map(plain);
    const target = new Overtaken();
    target.overtake = () => target.append('sample-a', 'no-stream', events.slice(0, 4));
    expect(await copy(source, target)).toMatchObject({ verified: true, events: 6 });
    expect(await linesOf(target)).toEqual(await linesOf(source));
  });

  it('by somebody else is refused', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 6 }]);
    const target = new Overtaken();
    target.overtake = () => target.append('sample-a', 'no-stream', sampleEvents(1));
    await expect(copy(source, target)).rejects.toMatchObject({ code: 'migrate.target-changed' });
  });

  it('and a source with a gap is refused where the gap is', async () => {
    const events = await readAfter(await logOf([{ stream: 'sample-a', count: 4 }]), undefined);
    const log = new MemoryLog();
    log.add(events.filter(({ revision }) => revision !== 1));
    const refused = copy(new MemoryEventStore({ log }), new MemoryEventStore());
    await expect(refused).rejects.toMatchObject({ code: 'migrate.target-changed' });
    await expect(refused).rejects.toThrow('sample-a ends in the target at 0');
  });
});

describe('a source that grows', () => {
  it('is followed until nothing more comes', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 3 }]);
    const target = new WatchedStore();
    let more = 3;
    const onProgress = (phase: CopyPhase) => {
      if (phase !== 'copying' || more === 0) return;
      more -= 1;
      void source.append(`sample-later-${more}`, 'no-stream', sampleEvents(2));
    };
    const copied = await copy(source, target, { onProgress });
    expect(copied).toMatchObject({ events: 9, copied: 9, verified: true, isBehind: false });
  });

  it('while the copy is verified is said to be ahead, and the copy is one of what was there', async () => {
    const source = await logOf([{ stream: 'sample-a', count: 3 }]);
    const onProgress = (phase: CopyPhase) => {
      if (phase === 'verifying') void source.append('sample-late', 'no-stream', sampleEvents(1));
    };
    const copied = await copy(source, new MemoryEventStore(), { onProgress });
    expect(copied).toMatchObject({ events: 3, verified: true, isBehind: true });
  });
});

describe('the verification', () => {
  it.each<readonly [string, (events: readonly StoredEvent[]) => readonly StoredEvent[], RegExp]>([
    [
      'one event whose data is not what was written',
      (events) =>
        events.map((e) => (e.revision === 2 ? { ...e, data: '{}' as StoredEvent['data'] } : e)),
      /^event 2 is .* revision 2 in the source and .* revision 2 in the target$/,
    ],
    ['an event that was lost', (events) => events.slice(0, -1), /and not there in the target$/],
    [
      'an event too many',
      (events) => [...events, ...events.slice(-1)],
      /^event 4 is not there in the source/,
    ],
    [
      'another order',
      (events) => events.toReversed(),
      /^event 0 is .* revision 0 in the source and .* revision 3 in the target$/,
    ],
  ])('finds %s', async (_what, forge, says) => {
    class Forging extends WatchedStore {
      override async *readAll(options: ReadAllOptions = {}) {
        for await (const page of super.readAll(options)) yield forge(page);
      }
    }
    const source = await logOf([{ stream: 'sample-a', count: 4 }]);
    const { verified, firstDiffering } = await copy(source, new Forging());
    expect({ verified, firstDiffering }).toEqual({
      verified: false,
      firstDiffering: expect.stringMatching(says),
    });
  });
});
