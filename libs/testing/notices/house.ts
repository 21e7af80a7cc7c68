import { randomBytes, randomUUID } from 'node:crypto';
import {
  acknowledgeComplaint,
  complaintReader,
  lodgeComplaint,
  referenceOf,
  streamOfReference,
  type Complainant,
  type Medium,
} from '#complaints/contract';
import { notices, noticeIdOf, projections, type ListedNotice } from '#correspondence/contract';
import { MemoryEventStore } from '#event-store/memory';
import { step, transact, type EventStore } from '#event-store/port';
import {
  Clock,
  eventIdOf,
  instantFromMillis,
  Randomness,
  type Actor,
  type Instant,
  type StoredEvent,
} from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import type { ReadModels, Row } from '#read-models/port';
import { Projector } from '#read-models/projector';

class RealClock extends Clock {
  override now(): Instant {
    return instantFromMillis(Date.now());
  }
}

class RealRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return randomBytes(length);
  }
}

export type Acknowledging = {
  readonly via?: Actor['via'];
  readonly medium?: Medium;
  readonly complainant?: Complainant;
  readonly occurredAt?: Instant;
};

export type Acknowledged = {
  readonly stream: string;
  readonly reference: string;
  /** Of the notice that the acknowledgement calls for, if it does. */
  readonly noticeId: string;
  readonly email: string;
};

/** Log and read models in memory with a projector that follows: what notices are made of. */
export class House {
  readonly clock: Clock = new RealClock();
  readonly randomness: Randomness = new RealRandomness();
  readonly eventStore: EventStore;
  readonly readModels: ReadModels = new MemoryReadModels();
  readonly #stopping = new AbortController();
  readonly #projecting: Promise<void>;

  constructor(eventStore: EventStore = new MemoryEventStore()) {
    this.eventStore = eventStore;
    this.#projecting = new Projector({
      eventStore: this.eventStore,
      readModels: this.readModels,
      projections,
    }).run(this.#stopping.signal);
  }

  /** A complaint that was lodged and acknowledged just now. */
  async acknowledge(options: Acknowledging = {}): Promise<Acknowledged> {
    return await acknowledgeIn(this, options);
  }

  /** The row of every notice. */
  async rows(): Promise<readonly Row<ListedNotice>[]> {
    const { rows } = await this.readModels.find(notices, { limit: 1_000 });
    return rows;
  }

  async countIn(state: ListedNotice['state']): Promise<number> {
    return await this.readModels.count(notices, [{ field: 'state', is: 'eq', value: state }]);
  }

  /** Every event of every notice. */
  async events(): Promise<readonly StoredEvent[]> {
    return await noticeEventsOf(this.eventStore);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#projecting;
    await this.readModels.close();
    await this.eventStore.close();
  }
}

export async function noticeEventsOf(eventStore: EventStore): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of eventStore.readAll()) {
    events.push(...page.filter(({ stream }) => stream.startsWith('notice-')));
  }
  return events;
}

/** Lodges a complaint and acknowledges it by e-mail, on any store. */
export async function acknowledgeIn(
  { eventStore, clock, randomness }: Pick<House, 'eventStore' | 'clock' | 'randomness'>,
  { via = 'http', medium = 'e-mail', complainant, occurredAt }: Acknowledging,
): Promise<Acknowledged> {
  const actor = { id: 'handler-7', role: 'case-handler', via };
  const lodging = randomUUID();
  const reference = referenceOf(lodging, 2026, 0);
  const stream = streamOfReference(reference);
  const email = `${lodging.slice(0, 8)}@example.org`;
  const now = clock.now();
  const lodge = {
    reference,
    channel: 'web',
    product: 'Mortgage',
    allegations: [{ issue: 'Late fee' }],
    complainant: complainant ?? { name: 'Ada Example', email },
    ...(occurredAt === undefined ? {} : { receivedAt: occurredAt }),
  } as const;
  const commandId = randomUUID();
  const steps = [
    step(lodgeComplaint, lodge, { commandId: lodging, actor, now, occurredAt }),
    step(acknowledgeComplaint, { medium }, { commandId, actor, now, occurredAt }),
  ];
  const done = await transact(eventStore, randomness, { stream, reader: complaintReader, steps });
  if (done.kind === 'rejected') throw new Error(`${done.code}: ${done.message}`);
  return { stream, reference, noticeId: noticeIdOf(eventIdOf(commandId, 0)), email };
}
