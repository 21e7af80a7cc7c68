import { projections } from '#complaints/contract';
import type { NewEvent } from '#kernel';
import { MemoryEventStore } from '#event-store/memory';
import { MemoryReadModels } from '#read-models/memory';
import { PARTITION_COUNT } from '#read-models/port';
import { SharedProjector } from '#read-models/projector';
import { VirtualTime } from '#testing/virtual-time';
import { figure, percentile, type Figure } from './figure.js';
import { fillLog } from './many-complaints.js';

const KILLS = 100;
const PROJECTORS = 4;
const TURNS = 12;
const COMPLAINTS = 3_000;
const EVENTS_EVERY_MS = 100;
const EVENTS_AT_ONCE = 5;
const LOOK_EVERY_MS = 100;
const ALLOWED_MS = 15_000;
const SETTLE_MS = 60_000;
const RECOVERY_MAX_MS = 120_000;

type Mortal = { readonly projector: SharedProjector; readonly kill: () => void };

/** A projector of which, once killed, nothing reaches anybody any more, as after kill -9. */
function start(world: World, me: string): Mortal {
  let dead = false;
  const ending = new AbortController();
  const mortal = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (name === 'leases') return mortal(member as object);
        if (typeof member !== 'function') return member;
        return async (...args: readonly unknown[]) => {
          if (dead) return new Promise(() => {});
          const answer: unknown = await Reflect.apply(member, object, args);
          return name === 'sharedWriter' ? mortal(answer as object) : answer;
        };
      },
    });
  const { log, readModels, time } = world;
  const projector = new SharedProjector({
    eventStore: log,
    readModels: mortal(readModels.reopened()),
    projections,
    me,
    clock: time.now,
    wait: time.sleep,
  });
  void projector.run(ending.signal);
  const kill = () => {
    dead = true;
    ending.abort();
  };
  return { projector, kill };
}

type World = {
  readonly time: VirtualTime;
  readonly log: MemoryEventStore;
  readonly readModels: MemoryReadModels;
};

/** The events of another log, appended bit by bit while time passes. */
async function feed({ time, log }: World, source: MemoryEventStore): Promise<void> {
  const events: { readonly stream: string; readonly event: NewEvent }[] = [];
  for await (const page of source.readAll()) {
    for (const { stream, id, type, data, metadata } of page) {
      events.push({ stream, event: { id, type, data, metadata } });
    }
  }
  for (let next = 0; next < events.length; next += EVENTS_AT_ONCE) {
    for (const { stream, event } of events.slice(next, next + EVENTS_AT_ONCE)) {
      await log.append(stream, 'any', [event]);
    }
    await time.sleep(EVENTS_EVERY_MS);
  }
}

/** Events that the earliest partition has not passed yet. */
async function backlogOf({ log, readModels }: World): Promise<number> {
  const head = Number((await log.head()) ?? -1);
  const [projection] = projections;
  if (!projection) return Number.NaN;
  const { checkpoint } = await readModels.progress(projection.projection);
  return head - Number(checkpoint?.position ?? -1);
}

async function heldCount(living: readonly Mortal[]): Promise<number> {
  const statuses = await Promise.all(living.map(({ projector }) => projector.status()));
  return new Set(statuses.flatMap(({ partitions }) => partitions)).size;
}

/** Lets time pass until something is so; answers how long that took. */
async function until(world: World, isSo: () => Promise<boolean>): Promise<number> {
  const startedAtMs = world.time.now();
  while (!(await isSo()) && world.time.now() - startedAtMs < RECOVERY_MAX_MS) {
    await world.time.pass(LOOK_EVERY_MS);
  }
  return world.time.now() - startedAtMs;
}

export async function takeoverFigures(say: (line: string) => void): Promise<readonly Figure[]> {
  const source = new MemoryEventStore();
  await fillLog(source, COMPLAINTS, say);
  const takeoverMs: number[] = [];
  const backlogs: number[] = [];
  let world = worldWith();
  let living: Mortal[] = [];
  for (let kills = 0; kills < KILLS; kills += 1) {
    // A new log now and then: the load comes to an end, and none must be killed without any.
    if (kills % 5 === 0) {
      for (const one of living) one.kill();
      world = worldWith();
      living = Array.from({ length: PROJECTORS }, (_, n) => start(world, `p${kills}-${n}`));
      await world.time.pass(SETTLE_MS);
      void feed(world, source);
    }
    // Whenever in a second: beats and kills fall together differently each time.
    await world.time.pass(5_000 + ((kills * 377) % 1_000));
    const [victim, ...left] = living.toSorted(() => (kills % 2 === 0 ? 1 : -1));
    victim?.kill();
    living = left;
    let backlog = 0;
    const takenOver = async (): Promise<boolean> => {
      backlog = Math.max(backlog, await backlogOf(world));
      return (await heldCount(left)) === PARTITION_COUNT;
    };
    takeoverMs.push(await until(world, takenOver));
    backlogs.push(backlog);
    // Work takes no time on this clock: that it is worked off at all is what is asked for.
    await until(world, async () => (await backlogOf(world)) <= EVENTS_AT_ONCE);
    if ((await backlogOf(world)) > EVENTS_AT_ONCE) throw new Error('the backlog stays');
    living.push(start(world, `p${kills}-again`));
    await world.time.pass(SETTLE_MS / 3);
  }
  for (const one of living) one.kill();
  const allowed = { name: 'allowed', value: ALLOWED_MS };
  const load = (EVENTS_AT_ONCE * 1_000) / EVENTS_EVERY_MS;
  const lost = { name: `${load} events/s for 15 s`, value: (load * ALLOWED_MS) / 1_000 };
  return [
    figure('takeover, median', percentile(takeoverMs, 50), 'ms', allowed),
    figure('takeover, longest', Math.max(...takeoverMs), 'ms', allowed),
    figure('backlog, median', percentile(backlogs, 50), 'events', lost),
    figure('backlog, largest', Math.max(...backlogs), 'events', lost),
  ];
}

function worldWith(): World {
  return {
    time: new VirtualTime(TURNS),
    log: new MemoryEventStore(),
    readModels: new MemoryReadModels(),
  };
}
