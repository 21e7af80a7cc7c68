import { step, type Step } from '#event-store/port';
import { instantFromMillis, millisOf, uuidV4, type Actor, type Instant } from '#kernel';
import { COMMANDS, type Commands } from '../commands.js';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import type { CommandName } from '../complaint/complaint.lifecycle.js';
import type { Complaint } from '../complaint/complaint.state.js';
import { Dice, SeededRandomness } from './dice.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** One command of a story, at the moment when it is recorded. */
export type PlannedStep = {
  readonly at: Instant;
  readonly step: Step<Complaint | undefined, ComplaintEvent>;
};

/** A complaint's whole life, in order of recording. */
export type Story = {
  readonly reference: string;
  readonly stream: string;
  /** Nothing is recorded before it. */
  readonly receivedAt: Instant;
  readonly steps: readonly PlannedStep[];
};

/** Who is at work on the demonstration's complaints. */
export const ACTORS = {
  complainant: { id: 'complainant-portal', role: 'complainant', via: 'demo' },
  intake: { id: 'intake-desk', role: 'case-handler', via: 'demo' },
} as const satisfies Readonly<Record<string, Actor>>;

type Extra = {
  /** When it happened, where that was before it was recorded. */
  readonly occurredAt?: Instant;
  readonly reason?: string;
};

/** Writes a story down: a cursor in time, and the commands given so far. */
export class StoryTeller {
  readonly steps: PlannedStep[] = [];
  readonly dice: Dice;
  readonly #randomness: SeededRandomness;
  readonly #correlationId: string;
  #now: number;

  constructor(seed: string, start: Instant) {
    this.dice = new Dice(seed);
    this.#randomness = new SeededRandomness(`${seed}/ids`);
    this.#now = millisOf(start);
    this.#correlationId = this.newId();
  }

  get now(): Instant {
    return instantFromMillis(this.#now);
  }

  newId(): string {
    return uuidV4(this.#randomness.bytes(16));
  }

  /** Goes on by a while; nights and weekends are passed over. */
  work(milliseconds: number): void {
    this.#now = millisOf(this.afterWork(milliseconds));
  }

  /** When a while of work from now would end. */
  afterWork(milliseconds: number): Instant {
    return instantFromMillis(toOfficeHours(this.#now + Math.max(60_000, milliseconds)));
  }

  /** Goes on by the clock, also through the night. */
  wait(milliseconds: number): void {
    this.#now += Math.max(1_000, Math.round(milliseconds));
  }

  /** A moment before now, as an instant. */
  ago(milliseconds: number): Instant {
    return instantFromMillis(this.#now - milliseconds);
  }

  /** Gives a command at the present moment. */
  tell<Name extends CommandName>(
    name: Name,
    command: Commands[Name],
    actor: Actor,
    extra: Extra & { readonly commandId?: string } = {},
  ): void {
    const { commandId = this.newId(), ...rest } = extra;
    const context = {
      commandId,
      actor,
      now: this.now,
      correlationId: this.#correlationId,
      ...rest,
    };
    this.steps.push({ at: this.now, step: step(COMMANDS[name].decide, command, context) });
    // Two steps of one complaint are never recorded in the same millisecond.
    this.#now += 1_000;
  }
}

const OFFICE_OPENS = 13;
const OFFICE_CLOSES = 22;

/** Moves a moment outside of office hours (UTC hours of a working day in New York) to the next opening. */
function toOfficeHours(millis: number): number {
  const date = new Date(millis);
  const hour = date.getUTCHours();
  const weekday = date.getUTCDay();
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const isWorkday = weekday >= 1 && weekday <= 5;
  if (isWorkday && hour >= OFFICE_OPENS && hour < OFFICE_CLOSES) return millis;
  const minutes = millis % HOUR_MS;
  const days = isWorkday && hour < OFFICE_OPENS ? 0 : weekday === 5 ? 3 : weekday === 6 ? 2 : 1;
  return midnight + days * DAY_MS + OFFICE_OPENS * HOUR_MS + minutes;
}
