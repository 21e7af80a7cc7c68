import { transact, type EventStore } from '#event-store/port';
import { instantFromMillis, InvariantBroken, type Instant } from '#kernel';
import { complaintReader } from '../complaint/complaint.reader.js';
import { referenceOf, streamOfReference } from '../complaint/reference.js';
import { SeededRandomness, Dice } from './dice.js';
import { lodge, plotOf, takeIn, type Plot } from './intake-chapter.js';
import { PRODUCTS, WEEKDAY_COUNTS } from './measured-figures.js';
import { StepQueue } from './step-queue.js';
import { DAY_MS, StoryTeller, type Story } from './story.js';
import { conclude, decide, investigate, reopen, waitForAnswer, withdraw } from './work-chapter.js';

/** Eighteen months. */
export const PERIOD_DAYS = 548;
/** The last day of the demonstration unless told: fixed, so that a seed always tells the same. */
export const UNTIL_DAY_DEFAULT = '2026-11-20';
export const COMPLAINTS_MAX = 1_000_000;
/** Commands under way at once; each of another complaint. They share an fsync. */
const STEPS_IN_FLIGHT_MAX = 128;

export type DemonstrationOptions = {
  readonly complaints: number;
  readonly seed: string;
  /** UTC day on which the demonstration ends. */
  readonly untilDay: string;
  readonly eventStore: EventStore;
  readonly onProgress?: (lodged: number) => void;
};

export type Demonstrated = { readonly complaints: number; readonly events: number };

/**
 * Fills an empty store with a demonstration organisation, through the real commands, in the order
 * in which they would have been given. The same seed, size and last day write the same events.
 *
 * @throws InvariantBroken when a command is refused: a story is wrong, or the store was not empty.
 */
export async function demonstrate(options: DemonstrationOptions): Promise<Demonstrated> {
  const { eventStore, seed, untilDay, onProgress } = options;
  const randomness = new SeededRandomness(`${seed}/salts`);
  const end = instantFromMillis(Date.parse(untilDay) + DAY_MS);
  const queue = new StepQueue(stories(options, end), end);
  let complaints = 0;
  let events = 0;
  for (;;) {
    const batch = queue.take(STEPS_IN_FLIGHT_MAX);
    if (batch.length === 0) return { complaints, events };
    // Appends are queued in the order of the calls, so the log is in the order of recording.
    const outcomes = await Promise.all(
      batch.map(({ stream, steps }) =>
        transact(eventStore, randomness, { stream, reader: complaintReader, steps }),
      ),
    );
    for (const outcome of outcomes) {
      if (outcome.kind === 'rejected') {
        throw new InvariantBroken(`a demonstration step was refused: ${outcome.code}`);
      }
      events += outcome.eventCount;
      if (outcome.eventCount > 0 && outcome.revision === outcome.eventCount - 1) complaints += 1;
    }
    onProgress?.(complaints);
  }
}

/** Stories in order of receipt, told one by one as they are needed. */
function* stories(
  { complaints, seed, untilDay }: DemonstrationOptions,
  endsAt: Instant,
): Generator<Story, undefined> {
  const days = daysOf(untilDay);
  const total = days.at(-1)?.upTo ?? 0;
  const dice = new Dice(`${seed}/receipts`);
  let day = 0;
  let earlier: string | undefined;
  for (let number = 0; number < complaints; number += 1) {
    // One throw in each of as many equal slices: in order by itself, and busy days get more.
    const mark = ((number + dice.share()) / complaints) * total;
    while (day < days.length - 1 && (days[day]?.upTo ?? 0) <= mark) day += 1;
    const { start = 0, upTo = 0, weight = 1, load = 1 } = days[day] ?? {};
    const receivedAt = instantFromMillis(start + ((mark - (upTo - weight)) / weight) * DAY_MS);
    const story = tell(`${seed}/${number}`, { number, receivedAt, load, endsAt, earlier });
    if (number % 7 === 0) earlier = story.reference;
    yield story;
  }
  return undefined;
}

type Day = {
  readonly start: number;
  readonly weight: number;
  readonly upTo: number;
  readonly load: number;
};

/** How busy each day is: by weekday, by season, and growing a little. */
function daysOf(untilDay: string): readonly Day[] {
  const first = Date.parse(untilDay) - (PERIOD_DAYS - 1) * DAY_MS;
  const days: Day[] = [];
  let upTo = 0;
  for (let index = 0; index < PERIOD_DAYS; index += 1) {
    const start = first + index * DAY_MS;
    const date = new Date(start);
    const season = 1 + 0.3 * Math.cos((2 * Math.PI * (date.getUTCMonth() - 1)) / 12);
    const growth = 1 + (0.25 * index) / PERIOD_DAYS;
    const weekday = (WEEKDAY_COUNTS[date.getUTCDay()] ?? 0) / 4_022;
    const weight = weekday * season * growth;
    upTo += weight;
    days.push({ start, weight, upTo, load: Math.max(0.7, season * growth) });
  }
  return days;
}

type Beginning = {
  readonly number: number;
  readonly receivedAt: Instant;
  readonly load: number;
  readonly endsAt: Instant;
  /** Reference of a complaint before this one, which it may repeat. */
  readonly earlier: string | undefined;
};

/** Of all complaints: repeats another one, out of scope, taken back; and of the closed, reopened. */
const SHARES = { duplicate: 0.015, outOfScope: 0.006, withdrawn: 0.025, reopened: 0.025 } as const;

function tell(seed: string, beginning: Beginning): Story {
  const { number, receivedAt, load, endsAt, earlier } = beginning;
  const teller = new StoryTeller(seed, receivedAt);
  const lodgeId = teller.newId();
  const reference = referenceOf(lodgeId, Number(receivedAt.slice(0, 4)), 0);
  const plot = plotOf(teller, { number, reference, lodgeId, load, endsAt }, PRODUCTS);
  lodge(teller, plot);
  live(teller, plot, earlier);
  return { reference, stream: streamOfReference(reference), receivedAt, steps: teller.steps };
}

function live(teller: StoryTeller, plot: Plot, earlier: string | undefined): void {
  const { dice } = teller;
  const fate = dice.share();
  const { duplicate, outOfScope, withdrawn, reopened } = SHARES;
  takeIn(teller, plot);
  if (fate < duplicate && earlier !== undefined) {
    teller.work(2 * DAY_MS);
    const repeats = { closureReason: 'duplicate', duplicateOf: earlier } as const;
    teller.tell('close-complaint', repeats, plot.handler);
  } else if (fate < duplicate + outOfScope) {
    teller.work(DAY_MS);
    teller.tell('close-complaint', { closureReason: 'out-of-scope' }, plot.handler);
  } else if (fate < duplicate + outOfScope + withdrawn) {
    withdraw(teller, plot);
  } else {
    investigate(teller, plot);
    waitForAnswer(teller, plot);
    const outcome = dice.weighted(plot.figures.outcomes);
    decide(teller, plot, outcome);
    conclude(teller, plot, outcome);
    if (dice.chance(reopened)) reopen(teller, plot);
  }
}
