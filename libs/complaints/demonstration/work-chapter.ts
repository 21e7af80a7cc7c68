import type { DecisionCommunicated, Remedy } from '../complaint/complaint.events.js';
import type { Finding, Outcome } from '../complaint/complaint.vocabulary.js';
import { LATE_SHARE, REPLY_SHARES } from './measured-figures.js';
import { RESPOND_DAYS, type Plot } from './intake-chapter.js';
import { ACTORS, DAY_MS, HOUR_MS, type StoryTeller } from './story.js';

/** Contacts, further allegations and corrections, while the complaint is looked into. */
export function investigate(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  if (dice.chance(0.04)) {
    teller.work(dice.between(4, 60) * HOUR_MS);
    const issue = dice.weighted(plot.figures.issues);
    const description = 'Demonstration text: this came to my mind afterwards.';
    teller.tell('add-allegation', { issue, description }, plot.handler);
  }
  for (let contacts = dice.weighted(CONTACT_COUNTS); contacts > 0; contacts -= 1) {
    teller.work(dice.spread(30 * plot.load, 0.8) * HOUR_MS);
    contact(teller, plot);
  }
  if (dice.chance(0.03)) correct(teller, plot);
}

const CONTACT_COUNTS = [
  [0, 45],
  [1, 35],
  [2, 15],
  [3, 5],
] as const;

function contact(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  const direction = dice.chance(0.45) ? 'inbound' : 'outbound';
  const medium = dice.pick(['phone', 'e-mail', 'message'] as const);
  const summary = 'Demonstration text: asked for documents and told the next step.';
  // Who was on the road types it in later: recorded after it happened.
  const late = dice.chance(0.15) ? { occurredAt: teller.ago(dice.between(2, 50) * HOUR_MS) } : {};
  teller.tell('record-contact', { direction, medium, summary }, plot.handler, late);
}

function correct(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.work(dice.between(1, 30) * HOUR_MS);
  const reason = 'The complainant told us so.';
  if (dice.chance(0.5)) {
    const value = dice.pick(['unit-north', 'unit-south', 'unit-centre']);
    teller.tell('correct-fact', { fact: 'unit', value }, plot.handler, { reason });
  } else {
    const value = `moved-${plot.number}@example.org`;
    teller.tell('correct-fact', { fact: 'complainant.email', value }, plot.handler, { reason });
  }
}

/** Median days from the first steps to an answer, in quiet weeks. */
const ANSWER_DAYS_MEDIAN = 5;

/** Time passes until there is an answer; a few answers come after the promised day. */
export function waitForAnswer(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  const days = dice.chance(LATE_SHARE)
    ? RESPOND_DAYS + dice.spread(9, 0.7)
    : Math.min(RESPOND_DAYS - 17, dice.spread(ANSWER_DAYS_MEDIAN * plot.load, 0.6));
  teller.work(days * DAY_MS);
}

/** Tells the decision; a letter that went out on another day is recorded afterwards. */
export function decide(teller: StoryTeller, plot: Plot, outcome: Outcome): void {
  const { dice } = teller;
  const late = dice.chance(0.08) ? { occurredAt: teller.ago(dice.between(1, 3) * HOUR_MS) } : {};
  const decision: DecisionCommunicated['data'] = {
    outcome,
    finding: dice.weighted(FINDINGS_OF[outcome]),
    remedies: remediesOf(teller, outcome),
    medium: plot.channel === 'post' ? 'post' : 'e-mail',
    letterKind: 'final-response',
    language: 'en',
    externalRecourse: 'The ombudsman of the demonstration',
    explanation: 'Demonstration text: what was found, what was decided, and why.',
  };
  teller.tell('communicate-decision', decision, plot.handler, late);
}

const FINDINGS_OF: Readonly<Record<Outcome, readonly (readonly [Finding, number])[]>> = {
  'monetary-relief': [
    ['upheld', 70],
    ['partly-upheld', 30],
  ],
  'non-monetary-relief': [
    ['upheld', 45],
    ['partly-upheld', 55],
  ],
  explanation: [
    ['not-upheld', 75],
    ['not-proven', 15],
    ['partly-upheld', 10],
  ],
  'no-relief': [
    ['not-upheld', 85],
    ['not-proven', 15],
  ],
  'not-stated': [['not-proven', 1]],
};

function remediesOf({ dice }: StoryTeller, outcome: Outcome): readonly Remedy[] {
  if (outcome === 'monetary-relief') {
    const kind = dice.pick(['refund', 'compensation', 'goodwill', 'price-reduction'] as const);
    const amount = Math.min(25_000, dice.spread(120, 1.1)).toFixed(2);
    return [{ kind, money: { amount, currency: 'USD' } }];
  }
  if (outcome === 'non-monetary-relief') {
    return [{ kind: dice.pick(['apology', 'change-made', 'technical-help', 'information']) }];
  }
  return [];
}

/** What follows a decision: no reply, acceptance, or dispute and a second answer. */
export function conclude(teller: StoryTeller, plot: Plot, outcome: Outcome): void {
  const { dice } = teller;
  const shares = REPLY_SHARES[outcome === 'not-stated' ? 'no-relief' : outcome];
  const throwOf = dice.share();
  if (throwOf < shares.disputed) {
    dispute(teller, plot);
  } else if (throwOf < shares.disputed + shares.accepted) {
    accept(teller, plot);
  } else {
    teller.work(28 * DAY_MS);
    teller.tell('close-complaint', { closureReason: 'no-reply' }, plot.handler);
  }
}

function accept(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.wait(dice.spread(4, 0.9) * DAY_MS);
  teller.tell('record-reply', { reply: 'accepted', medium: 'web' }, ACTORS.complainant);
  teller.work(dice.spread(1, 0.8) * DAY_MS);
  teller.tell('close-complaint', { closureReason: 'accepted' }, plot.handler);
}

function dispute(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.wait(dice.spread(3, 0.8) * DAY_MS);
  const grounds = 'Demonstration text: the answer does not deal with my main point.';
  teller.tell('record-reply', { reply: 'disputed', medium: 'web', grounds }, ACTORS.complainant);
  teller.work(dice.spread(4 * plot.load, 0.5) * DAY_MS);
  if (dice.chance(0.35)) {
    teller.tell('close-complaint', { closureReason: 'options-exhausted' }, plot.handler);
    return;
  }
  decide(teller, plot, dice.weighted(plot.figures.outcomes));
  if (dice.chance(0.3)) {
    accept(teller, plot);
    return;
  }
  teller.work(28 * DAY_MS);
  teller.tell('close-complaint', { closureReason: 'options-exhausted' }, plot.handler);
}

/** Something new comes up after the closing: taken up again, answered again. */
export function reopen(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.work(dice.spread(20, 0.7) * DAY_MS);
  const ground = dice.pick(['new-information', 'error', 'disputed'] as const);
  teller.tell('reopen-complaint', { ground }, plot.handler);
  teller.work(dice.spread(12 * plot.load, 0.6) * DAY_MS);
  decide(teller, plot, dice.weighted(plot.figures.outcomes));
  teller.work(28 * DAY_MS);
  teller.tell('close-complaint', { closureReason: 'no-reply' }, plot.handler);
}

/** The complainant takes it back. */
export function withdraw(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.wait(dice.spread(5, 0.8) * DAY_MS);
  teller.tell('withdraw-complaint', { medium: 'e-mail' }, ACTORS.complainant);
  teller.work(dice.spread(1, 0.6) * DAY_MS);
  teller.tell('close-complaint', { closureReason: 'withdrawn' }, plot.handler);
}
