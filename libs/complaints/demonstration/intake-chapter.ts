import type { Actor, Instant } from '#kernel';
import type { Complainant } from '../complaint/complaint.events.js';
import type { Channel, Level, Medium, Priority } from '../complaint/complaint.vocabulary.js';
import {
  CHANNEL_COUNTS,
  FORWARDING_DAYS,
  REGION_COUNTS,
  type ProductFigures,
} from './measured-figures.js';
import { ACTORS, DAY_MS, HOUR_MS, type StoryTeller } from './story.js';

/** What stays the same through a story. */
export type Plot = {
  readonly number: number;
  readonly reference: string;
  readonly lodgeId: string;
  readonly figures: ProductFigures;
  readonly issue: string;
  readonly channel: Channel;
  readonly handler: Actor;
  /** 1 in quiet weeks; the larger, the longer everything takes. */
  readonly load: number;
  /** When the demonstration ends. */
  readonly endsAt: Instant;
};

const HANDLERS_A_TEAM = 6;

/** Draws what the story is about. */
export function plotOf(
  teller: StoryTeller,
  known: Pick<Plot, 'number' | 'reference' | 'lodgeId' | 'load' | 'endsAt'>,
  products: readonly ProductFigures[],
): Plot {
  const { dice } = teller;
  const figures = dice.weighted(products.map((one) => [one, one.count] as const));
  const teams = [...new Set(products.map(({ team }) => team))];
  const place = teams.indexOf(figures.team) * HANDLERS_A_TEAM + dice.between(1, HANDLERS_A_TEAM);
  const id = `handler-${String(place).padStart(2, '0')}`;
  return {
    ...known,
    figures,
    issue: dice.weighted(figures.issues),
    channel: dice.weighted(CHANNEL_COUNTS),
    handler: { id, role: 'case-handler', via: 'demo' },
  };
}

/** Receipt: typed in at once where it comes by the web, days later where it comes by post. */
export function lodge(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  const receivedAt = teller.now;
  const delayMs = dice.spread(18, 0.8) * HOUR_MS;
  // What would be typed in after the last day is typed in at once: every receipt is in the log.
  const isLate =
    plot.channel !== 'web' && dice.chance(0.5) && teller.afterWork(delayMs) < plot.endsAt;
  if (isLate) teller.work(delayMs);
  const actor = plot.channel === 'web' ? ACTORS.complainant : ACTORS.intake;
  const allegation = {
    issue: plot.issue,
    recurrent: dice.chance(0.2),
    occurredOn: teller.ago(dice.between(3, 60) * DAY_MS).slice(0, 10),
  };
  teller.tell(
    'lodge-complaint',
    {
      reference: plot.reference,
      channel: plot.channel,
      receivedAt,
      receivedZone: 'America/New_York',
      language: dice.chance(0.94) ? 'en' : 'es',
      complainant: complainantOf(teller, plot),
      country: 'US',
      region: dice.weighted(REGION_COUNTS),
      product: plot.figures.product,
      unit: dice.pick(['unit-north', 'unit-south', 'unit-east', 'unit-west']),
      narrative: narrativeOf(plot),
      allegations: [allegation],
      ...(dice.chance(0.6)
        ? { remedySought: dice.pick(['refund', 'information', 'apology']) }
        : {}),
    },
    actor,
    { commandId: plot.lodgeId, ...(isLate ? { occurredAt: receivedAt } : {}) },
  );
}

function complainantOf({ dice }: StoryTeller, { number, channel }: Plot): Complainant {
  const digits = String(number).padStart(6, '0');
  const preferredMedium: Medium = channel === 'phone' ? 'phone' : 'e-mail';
  return {
    name: `Demonstration Complainant ${digits}`,
    email: `complainant-${digits}@example.org`,
    preferredMedium,
    postalCode: `000${String(dice.between(0, 99)).padStart(2, '0')}`,
    ...(dice.chance(0.07)
      ? { needs: [dice.pick(['large print', 'interpreter', 'call back'])] }
      : {}),
  };
}

function narrativeOf({ figures, issue }: Plot): string {
  return (
    `This is a demonstration text. My complaint is about: ${issue}. ` +
    `It concerns a product of the kind "${figures.product}". I ask for an answer.`
  );
}

/** Acknowledgement, assessment, assignment, forwarding: what the first days bring. */
export function takeIn(teller: StoryTeller, plot: Plot): void {
  const { dice } = teller;
  teller.work(dice.spread(9 * plot.load, 0.9) * HOUR_MS);
  const respondBy = teller.ago(-RESPOND_DAYS * DAY_MS);
  teller.tell(
    'acknowledge-complaint',
    { medium: plot.channel === 'post' ? 'post' : 'e-mail', contact: plot.handler.id, respondBy },
    ACTORS.intake,
  );
  teller.work(dice.spread(5 * plot.load, 0.9) * HOUR_MS);
  assess(teller);
  if (dice.chance(0.12)) reclassify(teller, plot);
  teller.work(dice.spread(2 * plot.load, 0.8) * HOUR_MS);
  const { team } = plot.figures;
  teller.tell('assign-complaint', { assignee: plot.handler.id, team }, ACTORS.intake);
  teller.work(dice.weighted(FORWARDING_DAYS) * DAY_MS);
  const respondent = `respondent-${team.slice('team-'.length)}`;
  teller.tell('forward-complaint', { respondent, medium: 'message' }, plot.handler);
}

/** Four weeks: the default regime's 20 business days. */
export const RESPOND_DAYS = 28;

function assess(teller: StoryTeller): void {
  const { dice } = teller;
  const level = (): Level =>
    dice.weighted([
      ['none', 20],
      ['low', 45],
      ['medium', 25],
      ['high', 9],
      ['critical', 1],
    ]);
  const criteria = {
    severity: { level: level() },
    safety: { level: dice.chance(0.03) ? ('low' as const) : ('none' as const) },
    complexity: { level: level() },
    impact: { level: level() },
    immediateAction: { level: level() },
  };
  const worst = [criteria.severity, criteria.impact, criteria.immediateAction].map((c) => c.level);
  teller.tell('assess-complaint', { criteria, priority: priorityOf(worst) }, ACTORS.intake);
}

function priorityOf(levels: readonly Level[]): Priority {
  if (levels.includes('critical')) return 'urgent';
  if (levels.includes('high')) return 'high';
  return levels.includes('medium') ? 'normal' : 'low';
}

function reclassify(teller: StoryTeller, { figures, handler }: Plot): void {
  const issue = teller.dice.weighted(figures.issues);
  teller.tell('classify-complaint', { product: figures.product, issue }, handler);
}
