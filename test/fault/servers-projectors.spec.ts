import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { comparePositions, type Position, type StoredEvent } from '#kernel';
import { MongoReadModels } from '#read-models/mongodb';
import { FIND_LIMIT_MAX, PARTITION_COUNT, type FindQuery, type Row } from '#read-models/port';
import { Projector } from '#read-models/projector';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { SystemRandomness } from '#wiring';
import { serverSuite } from '../servers/offered.js';
import { applications, countedProjections, type Applications } from './servers-applications.js';
import { directDoor } from './servers-doors.js';
import { groundOffer, startGround, type Ground } from './servers-ground.js';
import { Load } from './servers-load.js';
import { eventsOf, judge, NO_FAULT } from './servers-verdict.js';

/** Set higher for a long run; each is one kill -9 of a projector that holds partitions. */
const KILLS = Number(process.env['REDRESS_PROJECTOR_KILLS'] ?? '50');
/** Kills of projectors whose clocks run as fast as in life, leases of eight seconds and all. */
const KILLS_AT_REAL_PACE = 2;
/** So many times faster run the clocks of the other projectors: a lease is dead after 1.2 s. */
const HASTE = 5;
const TAKEOVER_MAX_MS = 15_000;
const PATIENCE_MS = 60_000;
/** A victim holds at least so many, or its death would prove little; its heir as well, or is not there. */
const PARTITIONS_MIN = 3;
const CLIENTS = 4;
const THINK_MAX_MS = 50;
const CHILD = new URL('./servers-projector.child.ts', import.meta.url);

jest.setTimeout(600_000 + KILLS * PATIENCE_MS);

type Member = { readonly id: string; readonly child: TypescriptChild; readonly lines: string[] };
type Takeover = { readonly partitions: number; readonly millis: number };

serverSuite('projectors that are killed under load', await groundOffer(), () => {
  let ground: Ground;
  let eventStore: EventStoreDbEventStore;
  let readModels: MongoReadModels;
  let members: Member[];

  beforeAll(async () => {
    ground = await startGround();
    eventStore = await EventStoreDbEventStore.open({ url: ground.eventStoreUrl });
    readModels = await MongoReadModels.open({ url: ground.mongoUrl, mode: 'write' });
    members = [];
  });

  afterAll(async () => {
    for (const { child } of members) child.process.kill('SIGKILL');
    await Promise.all(members.map(({ child }) => child.ended));
    await readModels.close();
    await eventStore.close();
    await ground.stop();
  });

  const start = (haste: number): Member => {
    const id = randomUUID();
    const args = [ground.eventStoreUrl, ground.mongoUrl, id, String(haste)];
    const member = { id, child: spawnTypescript({ script: CHILD, args }), lines: [] as string[] };
    members.push(member);
    void (async () => {
      for await (const line of member.child.lines) member.lines.push(line);
    })();
    return member;
  };

  /** How many partitions each holder has; what is free has none. */
  const held = async (): Promise<ReadonlyMap<string, number>> => {
    const counts = new Map<string, number>();
    for (const { id, holder } of await readModels.leases.all()) {
      if (!id.startsWith('partition-') || holder === null) continue;
      counts.set(holder, (counts.get(holder) ?? 0) + 1);
    }
    return counts;
  };

  const untilHeld = async (member: Member, partitions: number): Promise<number> => {
    const endsAtMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const count = (await held()).get(member.id) ?? 0;
      if (count >= partitions) return count;
      if (performance.now() > endsAtMs) throw new Error(`${member.id} holds ${count} partitions`);
      await pause(20);
    }
  };

  /** Kills, and waits until read models show what was acknowledged after that, in all partitions. */
  const kill = async (victim: Member, heir: Member, load: Load): Promise<Takeover> => {
    await untilHeld(heir, PARTITIONS_MIN);
    const partitions = await untilHeld(victim, PARTITIONS_MIN);
    victim.child.process.kill('SIGKILL');
    await victim.child.ended;
    const killedAtMs = performance.now();
    const next = await writtenAfter(await eventStore.head(), load);
    for (const { projection } of countedProjections) {
      // The checkpoint of a read model is that of its last partition: those of the dead one too.
      const passed = await readModels.waitFor(projection, next.position, PATIENCE_MS);
      expect({ projection: projection.name, passed }).toEqual({
        projection: projection.name,
        passed: true,
      });
    }
    const millis = performance.now() - killedAtMs;
    expect((await held()).get(victim.id)).toBeUndefined();
    return { partitions, millis };
  };

  /** What was acknowledged only now may have been written, and shown by the victim, before its death. */
  const writtenAfter = async (head: Position | undefined, load: Load) => {
    for (;;) {
      const next = await load.nextAcknowledgement(PATIENCE_MS);
      if (!next) throw new Error('nothing is acknowledged any more');
      if (head === undefined || comparePositions(next.position, head) > 0) return next;
    }
  };

  const startLoad = (actorId: string) => {
    const load = new Load({
      doors: [directDoor(eventStore, new SystemRandomness(), actorId)],
      seed: actorId,
      clients: CLIENTS,
      actorId,
      thinkMaxMs: THINK_MAX_MS,
    });
    return { load, loading: load.run() };
  };

  const expectWhole = async (load: Load, actorId: string): Promise<readonly StoredEvent[]> => {
    const log = await eventsOf(eventStore, actorId, undefined);
    expect(judge({ log, ...load })).toEqual(NO_FAULT);
    const head = (await eventStore.head()) ?? '';
    for (const { projection } of countedProjections) {
      expect(await readModels.waitFor(projection, head, PATIENCE_MS)).toBe(true);
      const { checkpoint } = await readModels.progress(projection);
      const eventsSeen = await eventStore.countUpTo(checkpoint?.position ?? '');
      expect(checkpoint).toMatchObject({ eventsMissing: 0, eventsSeen });
    }
    expect(await appliedOnceEach(readModels, log)).toEqual([]);
    const projector = new Projector({ eventStore, readModels, projections: countedProjections });
    expect(await projector.compare()).toMatchObject({ differing: 0, first: [], eventsMissing: 0 });
    return log;
  };

  /** Kills one of two in turn, starting another one in its place each time. */
  const killInTurn = async (kills: number, haste: number): Promise<readonly Takeover[]> => {
    const actorId = `load-${randomUUID()}`;
    const { load, loading } = startLoad(actorId);
    let pair: readonly [Member, Member] = [start(haste), start(haste)];
    const takeovers: Takeover[] = [];
    const killing = async () => {
      for (let number = 0; number < kills; number += 1) {
        const [victim, heir] = number % 2 === 0 ? pair : pair.toReversed();
        if (!victim || !heir) throw new Error('there are two');
        takeovers.push(await kill(victim, heir, load));
        pair = number % 2 === 0 ? [start(haste), heir] : [heir, start(haste)];
      }
    };
    await Promise.race([killing(), loading]);
    load.end();
    await loading;
    expect(takeovers).toHaveLength(kills);
    const log = await expectWhole(load, actorId);
    await Promise.all(pair.map(stop));
    tell({ ground, haste, takeovers, events: log.length });
    return takeovers;
  };

  it(`${KILLS} times: no event missing, none applied twice`, async () => {
    const takeovers = await killInTurn(KILLS, HASTE);
    expect(Math.max(...takeovers.map(({ millis }) => millis))).toBeLessThan(TAKEOVER_MAX_MS);
  });

  it(`${KILLS_AT_REAL_PACE} times at the real pace: taken over within 15 s`, async () => {
    const takeovers = await killInTurn(KILLS_AT_REAL_PACE, 1);
    expect(Math.max(...takeovers.map(({ millis }) => millis))).toBeLessThan(TAKEOVER_MAX_MS);
  });
});

async function stop({ child }: Member): Promise<void> {
  child.process.kill('SIGTERM');
  const { status, errorText } = await child.ended;
  expect({ status, errorText }).toEqual({ status: 0, errorText: '' });
}

/** Streams whose document counts other than the log has; those without a document too. */
async function appliedOnceEach(
  readModels: MongoReadModels,
  log: readonly StoredEvent[],
): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for (const { stream } of log) counts.set(stream, (counts.get(stream) ?? 0) + 1);
  const rows = new Map<string, Row<Applications>>();
  let query: FindQuery = { limit: FIND_LIMIT_MAX };
  for (;;) {
    const { rows: page, next } = await readModels.find(applications, query);
    for (const row of page) rows.set(row.id, row);
    if (next === undefined) break;
    query = { ...query, after: next };
  }
  return [...counts].flatMap(([stream, count]) => {
    const row = rows.get(stream);
    const isRight =
      row?.document.applied === count &&
      row.document.lastRevision === count - 1 &&
      row.revision === count - 1;
    return isRight
      ? []
      : [`${stream}: ${count} events, applied ${row?.document.applied ?? 'none'}`];
  });
}

function tell(figures: {
  readonly ground: Ground;
  readonly haste: number;
  readonly takeovers: readonly Takeover[];
  readonly events: number;
}): void {
  const { ground, haste, takeovers, events } = figures;
  const sorted = takeovers.map(({ millis }) => millis).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const partitions = takeovers.reduce((sum, { partitions: some }) => sum + some, 0);
  process.stderr.write(
    `${takeovers.length} kills -9 on ${ground.name}, clocks ${haste} times as fast: ${events} events, ` +
      `${(partitions / takeovers.length).toFixed(1)} of ${PARTITION_COUNT} partitions orphaned each time, ` +
      `taken over and moving after ${median.toFixed(0)} ms (median), ${(sorted.at(-1) ?? Number.NaN).toFixed(0)} ms (longest)\n`,
  );
}
