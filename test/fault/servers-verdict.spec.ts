import { beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandomness } from '#complaints/demonstration';
import { MemoryEventStore } from '#event-store/memory';
import { AppendUnknown } from '#event-store/port';
import type { NewEvent, StoredEvent } from '#kernel';
import { directDoor } from './servers-doors.js';
import { Load } from './servers-load.js';
import { FAULT_KINDS, planFaults } from './servers-plan.js';
import { eventsOf, judge, NO_FAULT } from './servers-verdict.js';

const ACTOR = 'load-of-verdict';
const COMMANDS_ENOUGH = 400;

/** Every third append errs, half of those after it was written. */
class FaultyEventStore extends MemoryEventStore {
  #appends = 0;

  override async append(...call: Parameters<MemoryEventStore['append']>) {
    this.#appends += 1;
    if (this.#appends % 6 === 0) throw new AppendUnknown('before it was written');
    const appended = await super.append(...call);
    if (this.#appends % 6 === 3) throw new AppendUnknown('after it was written');
    return appended;
  }
}

let load: Load;
let log: readonly StoredEvent[];

beforeAll(async () => {
  const eventStore = new FaultyEventStore();
  load = new Load({
    doors: [directDoor(eventStore, new SeededRandomness('verdict'), ACTOR)],
    seed: 'verdict',
    clients: 4,
    actorId: ACTOR,
    thinkMaxMs: 0,
  });
  const running = load.run();
  while (load.acknowledged.length < COMMANDS_ENOUGH) await load.nextAcknowledgement(10_000);
  load.end();
  await running;
  log = await eventsOf(eventStore, ACTOR, undefined);
});

describe('the load', () => {
  it('tries every command until it is acknowledged, whatever the store does', () => {
    expect(load.acknowledged).toHaveLength(load.sent.length);
    expect(log).toHaveLength(load.sent.length);
    expect(judge({ log, ...load })).toEqual(NO_FAULT);
    expect(load.retries.unknown).toBeGreaterThan(COMMANDS_ENOUGH / 6);
    expect(load.retries.twin).toBeGreaterThan(0);
  });
});

describe('the verdict', () => {
  it('finds an acknowledged command that is not in the log, or elsewhere in it', () => {
    const [first] = load.acknowledged;
    expect(judge({ ...load, log: log.slice(0, -1) }).lost).toHaveLength(1);
    const moved = log.map((event) => ({ ...event, position: `${event.position}0` }));
    expect(judge({ ...load, log: moved }).lost).toHaveLength(load.acknowledged.length);
    expect(judge({ ...load, log: [] }).lost[0]).toContain(first?.commandId);
  });

  it('finds an event that is there twice', () => {
    const [first] = log;
    const again = { ...first, revision: 99_999 } as StoredEvent;
    const verdict = judge({ ...load, log: [...log, again] });
    expect(verdict.doubled).toEqual([`${first?.id} at ${first?.stream} 99999`]);
  });

  it('finds an event that nobody sent, and one that lies in another stream', () => {
    const unsent: NewEvent = {
      ...(log[0] as NewEvent),
      id: 'b0e3d0a4-3f2d-5d6c-8a52-0d8f6f0a1b2c',
    };
    const stored = { ...unsent, stream: 'complaint-x', revision: 0, position: '1' };
    expect(judge({ ...load, log: [...log, stored] }).foreign).toHaveLength(1);
    const sent = load.sent.slice(1);
    expect(judge({ log, sent, acknowledged: [] }).foreign).toHaveLength(1);
  });

  it('finds a revision that is skipped', () => {
    const later = log.filter(({ revision }) => revision !== 1);
    expect(judge({ ...load, log: later }).disordered.length).toBeGreaterThan(0);
  });
});

describe('the plan of faults', () => {
  const servers = ['log', 'read-models', 'queue'] as const;

  it('is the same for the same seed, and another for another', () => {
    expect(planFaults('7', servers, 100)).toEqual(planFaults('7', servers, 100));
    expect(planFaults('7', servers, 100)).not.toEqual(planFaults('8', servers, 100));
  });

  it('strikes each server as often, with every kind', () => {
    const plan = planFaults('7', servers, 100);
    for (const server of servers) {
      const faults = plan.filter((fault) => fault.server === server);
      expect(faults).toHaveLength(100);
      expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    }
  });
});
