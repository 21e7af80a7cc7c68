import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ReadAllOptions } from '#event-store/port';
import { MemoryEventStore } from '#event-store/memory';
import { MemoryReadModels } from '#read-models/memory';
import type { Projection, ReadModelProgress } from '#read-models/port';
import { appendSample, decodeSample, samples, samplesLater } from '#testing/read-models';
import { LAG_COUNT_MAX, Surveyor } from './shared-survey.js';

const EVENTS = 6;

class CountedLog extends MemoryEventStore {
  reads = 0;

  override readAll(options?: ReadAllOptions): ReturnType<MemoryEventStore['readAll']> {
    this.reads += 1;
    return super.readAll(options);
  }
}

class CountedReadModels extends MemoryReadModels {
  asked = 0;
  askedAtOnceMax = 0;

  override async progress(projection: Projection): Promise<ReadModelProgress> {
    this.asked += 1;
    this.askedAtOnceMax = Math.max(this.askedAtOnceMax, this.asked);
    await new Promise((resolve) => setImmediate(resolve));
    this.asked -= 1;
    return super.progress(projection);
  }
}

const projections = ['one', 'two', 'three'].map((name) => ({ ...samples, name }));
const sources = projections.map((projection) => ({ projection, decode: decodeSample }));

let log: CountedLog;
let readModels: CountedReadModels;
let surveyor: Surveyor;

beforeEach(async () => {
  log = new CountedLog();
  readModels = new CountedReadModels();
  surveyor = new Surveyor({ eventStore: log, readModels });
  for (let n = 0; n < EVENTS; n += 1) {
    await appendSample(log, n, { type: 'SampleMade', data: { size: n } });
  }
});

async function reach(eventsSeen: number): Promise<void> {
  for (const projection of projections) {
    const writer = await readModels.writer(projection);
    const checkpoint = { position: String(eventsSeen - 1), eventsSeen, eventsMissing: 0 };
    await writer.store({ changes: [], checkpoint });
  }
}

describe('a survey', () => {
  it('asks about all read models at once, and of each position of the log once', async () => {
    await reach(3);
    expect((await surveyor.survey(sources)).ready).toEqual(sources);
    expect(readModels.askedAtOnceMax).toBe(projections.length);
    // Whether the log has the position, and how many events follow it.
    expect(log.reads).toBe(2);
  });

  it('counts no lag again of what was ready before', async () => {
    await reach(3);
    await surveyor.survey(sources);
    log.reads = 0;
    await reach(4);
    expect((await surveyor.survey(sources)).ready).toEqual(sources);
    expect(log.reads).toBe(1);
  });

  it('still finds what was ready before and is of another log, absent or of a later version', async () => {
    await reach(EVENTS);
    await surveyor.survey(sources);
    const [one, two, three] = projections;
    const other = new Surveyor({ eventStore: new CountedLog(), readModels });
    expect((await other.survey(sources)).outdated).toEqual(sources);
    if (!one || !two || !three) throw new Error('there are three');
    const ahead = await readModels.writer(one);
    const checkpoint = { position: '900', eventsSeen: 901, eventsMissing: 0 };
    await ahead.store({ changes: [], checkpoint });
    await readModels.forget(two);
    const rebuild = await readModels.rebuild({ ...three, version: samplesLater.version });
    const all = { position: String(EVENTS - 1), eventsSeen: EVENTS, eventsMissing: 0 };
    await rebuild.store({ changes: [], checkpoint: all });
    expect(await rebuild.switchOver()).toBe(true);
    const { ready, outdated, later } = await surveyor.survey(sources);
    const found = [ready, outdated, later].map((some) => some.map((one) => one.projection.name));
    // Little is to be read for the one that is absent: it is followed from the beginning.
    expect(found).toEqual([['two'], ['one'], ['three']]);
  });

  it('leaves the absent with much to read to a rebuild, also when it was ready before', async () => {
    await surveyor.survey(sources);
    const data = { size: 1 };
    for (let n = EVENTS; n < LAG_COUNT_MAX; n += 1) {
      await appendSample(log, n, { type: 'SampleMade', data });
    }
    expect((await surveyor.survey(sources)).outdated).toEqual(sources);
  });
});
