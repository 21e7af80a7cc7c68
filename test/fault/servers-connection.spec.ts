import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { complaintRegister } from '#complaints/contract';
import { notices } from '#correspondence/contract';
import type { StoredEvent } from '#kernel';
import { Projector } from '#read-models/projector';
import { projections } from '../../apps/contexts/contract.js';
import { serverSuite } from '../servers/offered.js';
import { groundOffer } from './servers-ground.js';
import { planFaults, type PlannedFault } from './servers-plan.js';
import { isShown, openScene, SERVERS, type Scene, type Server } from './servers-scene.js';
import { strike } from './servers-strike.js';
import { judge, NO_FAULT } from './servers-verdict.js';

/** Faults in all, as many for each server; set higher for a long run. */
const FAULTS = Number(process.env['REDRESS_FAULTS'] ?? '300');
/** Stands in the name of the test; the plan of faults and what the load does follow from it. */
const SEED = process.env['REDRESS_FAULTS_SEED'] ?? randomUUID();
const RECOVERY_MAX_MS = 10_000;
/** Longer than anybody should wait, so that what took too long is measured and not cut short. */
const PATIENCE_MS = 120_000;
const FAULT_MAX_MS = 2_000;

jest.setTimeout(4 * PATIENCE_MS + FAULTS * FAULT_MAX_MS);

const all = projections.map(({ projection }) => projection);

/** Milliseconds from the end of a fault until it worked again. */
type Recovery = {
  readonly fault: PlannedFault<Server>;
  /** The next command is acknowledged. */
  readonly acknowledgedMs: number;
  /** Somebody who reads is shown more than just before. */
  readonly shownMs: number;
  /** The next mail leaves the house. */
  readonly mailedMs: number;
};

serverSuite('connections that break under load', await groundOffer(), () => {
  const actorId = `load-${randomUUID()}`;
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene(SEED, actorId);
  });
  afterAll(() => scene.close());

  it(`${FAULTS} faults by seed ${SEED}: nothing lost or doubled, recovered in time`, async () => {
    const { load, post, reader, log, readModels, harmed } = scene;
    const before = await log.head();
    const harm = async (): Promise<readonly Recovery[]> => {
      const first = await load.nextAcknowledgement(PATIENCE_MS);
      expect(
        first &&
          (await isShown(reader, {
            projections: all,
            position: first.position,
            timeoutMs: PATIENCE_MS,
          })),
      ).toBe(true);
      expect(await post.nextMail(PATIENCE_MS)).toBeDefined();
      const recoveries: Recovery[] = [];
      for (const fault of planFaults(SEED, SERVERS, FAULTS / SERVERS.length)) {
        await pause(fault.gapMs);
        await strike(harmed[fault.server].proxy, fault);
        if (fault.awaitsRecovery) recoveries.push(await recover(scene, fault));
      }
      return recoveries;
    };
    const recoveries = await Promise.race([harm(), scene.running]);
    await scene.endLoad();
    tell(scene, recoveries);

    const events: StoredEvent[] = [];
    for await (const page of log.readAll(before === undefined ? {} : { after: before })) {
      events.push(...page);
    }
    const written = events.filter(({ metadata }) => metadata.includes(`"id":"${actorId}"`));
    expect(judge({ log: written, ...load })).toEqual(NO_FAULT);
    expect(load.acknowledged).toHaveLength(load.sent.length);
    expect(written).toHaveLength(load.sent.length);

    const causes = written.filter(({ data }) => data.includes('"e-mail"')).length;
    await untilMailed(scene, causes);
    await scene.endNotices();
    const head = (await log.head()) ?? '';
    expect(
      await isShown(reader, { projections: all, position: head, timeoutMs: PATIENCE_MS }),
    ).toBe(true);
    await scene.endProjectors();
    expect({ mails: post.mails, twice: post.twice }).toEqual({ mails: causes, twice: [] });
    expect(await readModels.group(notices, { by: ['state'] })).toEqual([
      { key: { state: 'sent' }, count: causes },
    ]);

    const compared = await new Projector({ eventStore: log, readModels, projections }).compare();
    expect(compared).toMatchObject({ differing: 0, first: [], eventsMissing: 0 });
    expect(compared.events).toBe(await log.countUpTo((await log.head()) ?? ''));
    const ids = new Set(events.map(({ id }) => id));
    expect(ids.size).toBe(events.length);
    const slow = recoveries.filter(
      ({ acknowledgedMs, shownMs, mailedMs }) =>
        Math.max(acknowledgedMs, shownMs, mailedMs) > RECOVERY_MAX_MS,
    );
    expect(slow).toEqual([]);
  });
});

/** Each of the three by itself; what lags behind for other reasons does not count as broken. */
async function recover(
  { load, post, reader, readModels }: Scene,
  fault: PlannedFault<Server>,
): Promise<Recovery> {
  const endedAtMs = performance.now();
  const since = (done: boolean) =>
    done ? performance.now() - endedAtMs : Number.POSITIVE_INFINITY;
  const [acknowledgedMs, mailedMs, shownMs] = await Promise.all([
    load.nextAcknowledgement(PATIENCE_MS).then((next) => since(next !== undefined)),
    post.nextMail(PATIENCE_MS).then((mail) => since(mail !== undefined)),
    readModels.progress(complaintRegister).then(async ({ checkpoint }) => {
      const next = String(BigInt(checkpoint?.position ?? '0') + 1n);
      return since(
        await isShown(reader, {
          projections: [complaintRegister],
          position: next,
          timeoutMs: PATIENCE_MS,
        }),
      );
    }),
  ]);
  return { fault, acknowledgedMs, shownMs, mailedMs };
}

async function untilMailed({ post }: Scene, count: number): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (post.mails < count && performance.now() < endsAtMs) await post.nextMail(1_000);
}

function tell(scene: Scene, recoveries: readonly Recovery[]): void {
  const { ground, load, harmed, waitedOut, post } = scene;
  const lines = SERVERS.map((server) => {
    const own = recoveries.filter(({ fault }) => fault.server === server);
    const { accepted, refused, cut, reset, swallowedBytes } = harmed[server].proxy.counters;
    const { 'to-server': there, 'to-client': back } = swallowedBytes;
    return (
      `  ${server}: connections ${accepted}, turned away ${refused}, cut ${cut}, reset ${reset}; ` +
      `bytes swallowed ${there} there, ${back} back; from the end of a fault to the next ` +
      `acknowledgement ${spreadOf(own.map(({ acknowledgedMs }) => acknowledgedMs))}, the next change ` +
      `shown ${spreadOf(own.map(({ shownMs }) => shownMs))}, ` +
      `the next mail ${spreadOf(own.map(({ mailedMs }) => mailedMs))}`
    );
  });
  const retries = Object.entries(load.retries).map(([why, count]) => `${why} ${count}`);
  const faults = [...waitedOut].map(([name, count]) => `${name} ${count}`);
  const summary =
    `${FAULTS} faults by seed ${SEED} on ${ground.name}: ${load.acknowledged.length} commands ` +
    `acknowledged, given again for ${retries.join(', ')}; ${post.mails} mails; ` +
    `waited out: ${faults.join(', ')}`;
  process.stderr.write(`${[summary, ...lines].join('\n')}\n`);
}

function spreadOf(millis: readonly number[]): string {
  const sorted = millis.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return `median ${median.toFixed(0)} ms, longest ${(sorted.at(-1) ?? Number.NaN).toFixed(0)} ms`;
}
