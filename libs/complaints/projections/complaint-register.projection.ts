import { dayOf, happenedAt, unhandled, type Instant, type Recorded } from '#kernel';
import { defineProjection, type Projection } from '#read-models/port';
import {
  COMPLAINT_STREAM_KIND,
  type ComplaintClosed,
  type ComplaintEvent,
  type ComplaintLodged,
  type DecisionCommunicated,
  type FactCorrected,
} from '../complaint/complaint.events.js';
import { NEXT_STEPS, nextStepFrom } from '../complaint/complaint.lifecycle.js';
import { STATUSES } from '../complaint/complaint.state.js';
import {
  CHANNELS,
  CLOSURE_REASONS,
  FINDINGS,
  OUTCOMES,
  PRIORITIES,
} from '../complaint/complaint.vocabulary.js';
import {
  daysUntil,
  statedTimeliness,
  TIMELINESS,
  timelinessOf,
} from '../complaint/timeliness.policy.js';
import {
  POSTAL_CODE_DEFECTS,
  REPLIES,
  type RegisteredComplaint,
} from './complaint-register.schema.js';
import { knownMoment } from './known-moment.policy.js';
import { correctionOf } from './shown-facts.policy.js';

type Register = Projection<ComplaintEvent, RegisteredComplaint>;

const FIELDS: Register['fields'] = {
  reference: { kind: 'string', description: 'What people call the complaint.' },
  status: {
    kind: 'string',
    words: STATUSES,
    description: 'Where in its life it is.',
    filter: true,
    group: true,
  },
  nextStep: {
    kind: 'string',
    words: NEXT_STEPS,
    description: 'What is to be done next.',
    filter: true,
    group: true,
  },
  product: { kind: 'string', description: 'As classified last.', filter: true, group: true },
  subProduct: { kind: 'string', description: 'As classified last.', group: true },
  issue: { kind: 'string', description: 'As classified last.', group: true },
  subIssue: { kind: 'string', description: 'As classified last.', group: true },
  channel: {
    kind: 'string',
    words: CHANNELS,
    description: 'How it arrived.',
    filter: true,
    group: true,
  },
  unit: { kind: 'string', description: 'Unit that is complained of.', group: true },
  respondent: {
    kind: 'string',
    description: 'Firm or unit that must answer; the last it was sent to.',
    filter: true,
    group: true,
  },
  assignee: { kind: 'string', description: 'Id of who handles it.', filter: true, group: true },
  team: { kind: 'string', description: 'Team that handles it.', filter: true, group: true },
  priority: {
    kind: 'string',
    words: PRIORITIES,
    description: 'As assessed.',
    filter: true,
    group: true,
  },
  receivedAt: { kind: 'instant', description: 'When it was received.', sort: true },
  receivedDay: { kind: 'day', description: 'UTC day of receipt.', group: true },
  respondBy: { kind: 'instant', description: 'By when an answer was promised.', sort: true },
  acknowledged: { kind: 'boolean', description: 'Whether it was acknowledged.', group: true },
  acknowledgedAt: { kind: 'instant', description: 'When it was acknowledged.' },
  forwardedAt: { kind: 'instant', description: 'When it was first sent to a respondent.' },
  decidedAt: {
    kind: 'instant',
    description: 'When the decision in force was communicated; empty where a source does not say.',
  },
  closedAt: {
    kind: 'instant',
    description: 'When it was closed; empty where a source does not say.',
  },
  lastEventAt: { kind: 'instant', description: 'When the latest of its steps happened.' },
  closureReason: {
    kind: 'string',
    words: CLOSURE_REASONS,
    description: 'Why it was closed.',
    group: true,
  },
  outcome: {
    kind: 'string',
    words: OUTCOMES,
    description: 'Relief granted by the decision in force.',
    group: true,
  },
  finding: {
    kind: 'string',
    words: FINDINGS,
    description: 'Whether it was justified.',
    group: true,
  },
  timely: {
    kind: 'string',
    words: TIMELINESS,
    description: 'Whether the decision came in time; before it, what a source says.',
    group: true,
  },
  reply: {
    kind: 'string',
    words: REPLIES,
    description: 'Reply to the decision in force.',
    group: true,
  },
  region: { kind: 'string', description: 'Region of the complainant.', group: true },
  country: { kind: 'string', description: 'ISO 3166-1 code.', group: true },
  postalCodeDefect: {
    kind: 'string',
    words: POSTAL_CODE_DEFECTS,
    description: 'What is wrong with the postal code that a source gave.',
    group: true,
  },
  sourceSystem: { kind: 'string', description: 'Where it was imported from.', group: true },
  sourceId: { kind: 'string', description: 'Its id there.' },
  reopenedCount: { kind: 'integer', description: 'How often it was reopened.', group: true },
  allegationCount: { kind: 'integer', description: 'How many allegations it has.', group: true },
  receivedToForwardedDays: {
    kind: 'integer',
    description: 'Days from receipt until it was first sent to a respondent.',
    group: true,
  },
  receivedToDecidedDays: {
    kind: 'integer',
    description: 'Days from receipt until the decision in force.',
    group: true,
  },
};

/** The queue: every complaint, where it stands and what is to be done next. */
export const complaintRegister: Register = defineProjection({
  name: 'complaint-register',
  version: 1,
  streamKind: COMPLAINT_STREAM_KIND,
  fields: FIELDS,
  evolve(row: RegisteredComplaint | undefined, event: Recorded<ComplaintEvent>) {
    if (event.type === 'ComplaintLodged') return lodged(event);
    if (!row) return undefined;
    const at = happenedAt(event.metadata);
    return rederived(row, stepped(event, row, at), at);
  },
});

/**
 * The row with what follows from the rest of it. Field by field, so that every row has the shape of
 * a lodged one: copies of copies have a shape each, and from the fifth on V8 copies them forty
 * times as slowly.
 */
function rederived(
  row: RegisteredComplaint,
  changed: RegisteredComplaint,
  at: Instant,
): RegisteredComplaint {
  const { receivedAt, forwardedAt, decidedAt } = changed;
  const sameReceipt = receivedAt === row.receivedAt;
  return {
    reference: changed.reference,
    status: changed.status,
    nextStep: nextStepFrom({
      status: changed.status,
      acknowledged: changed.acknowledged,
      assessed: changed.priority !== null,
      assigned: changed.assignee !== null || changed.team !== null,
    }),
    product: changed.product,
    subProduct: changed.subProduct,
    issue: changed.issue,
    subIssue: changed.subIssue,
    channel: changed.channel,
    unit: changed.unit,
    respondent: changed.respondent,
    assignee: changed.assignee,
    team: changed.team,
    priority: changed.priority,
    receivedAt,
    receivedDay: changed.receivedDay,
    respondBy: changed.respondBy,
    acknowledged: changed.acknowledged,
    acknowledgedAt: changed.acknowledgedAt,
    forwardedAt,
    decidedAt,
    closedAt: changed.closedAt,
    lastEventAt: at > row.lastEventAt ? at : row.lastEventAt,
    closureReason: changed.closureReason,
    outcome: changed.outcome,
    finding: changed.finding,
    timely: changed.timely,
    reply: changed.reply,
    region: changed.region,
    country: changed.country,
    postalCodeDefect: changed.postalCodeDefect,
    sourceSystem: changed.sourceSystem,
    sourceId: changed.sourceId,
    reopenedCount: changed.reopenedCount,
    allegationCount: changed.allegationCount,
    // Reading dates costs more than all the rest of a fold, so not without need.
    receivedToForwardedDays:
      sameReceipt && forwardedAt === row.forwardedAt
        ? row.receivedToForwardedDays
        : daysUntil(receivedAt, forwardedAt),
    receivedToDecidedDays:
      sameReceipt && decidedAt === row.decidedAt
        ? row.receivedToDecidedDays
        : daysUntil(receivedAt, decidedAt),
  };
}

// One plain literal: with spreads in it, every later copy of the row took twenty times as long.
function lodged({ data, metadata }: Recorded<ComplaintLodged>): RegisteredComplaint {
  const first = data.allegations[0];
  return {
    reference: data.reference,
    status: 'open',
    nextStep: 'acknowledge',
    product: data.product,
    subProduct: data.subProduct ?? null,
    issue: first?.issue ?? '',
    subIssue: first?.subIssue ?? null,
    channel: data.channel,
    unit: data.unit ?? null,
    respondent: null,
    assignee: null,
    team: null,
    priority: null,
    receivedAt: data.receivedAt,
    receivedDay: dayOf(data.receivedAt),
    respondBy: null,
    acknowledged: false,
    acknowledgedAt: null,
    forwardedAt: null,
    decidedAt: null,
    closedAt: null,
    lastEventAt: happenedAt(metadata),
    closureReason: null,
    outcome: null,
    finding: null,
    timely: statedTimeliness(data.source),
    reply: null,
    region: data.region ?? null,
    country: data.country ?? null,
    postalCodeDefect: postalCodeDefectOf(data.source?.defects ?? []),
    sourceSystem: data.source?.system ?? null,
    sourceId: data.source?.id ?? null,
    reopenedCount: 0,
    allegationCount: data.allegations.length,
    receivedToForwardedDays: null,
    receivedToDecidedDays: null,
  };
}

function postalCodeDefectOf(defects: readonly string[]): RegisteredComplaint['postalCodeDefect'] {
  if (defects.includes('postal-code-blank')) return 'blank';
  if (defects.includes('postal-code-short')) return 'short';
  return defects.includes('postal-code-masked') ? 'masked' : null;
}

type Step = Exclude<Recorded<ComplaintEvent>, { readonly type: 'ComplaintLodged' }>;

// Each case copies the row and overwrites fields that it has, for the reason given above.
function stepped(event: Step, row: RegisteredComplaint, at: Instant): RegisteredComplaint {
  switch (event.type) {
    case 'DecisionCommunicated':
      return decided(event, row, at);
    case 'DecisionAccepted':
      return { ...row, status: 'accepted', reply: 'accepted' };
    case 'DecisionDisputed':
      return { ...row, status: 'disputed', reply: 'disputed' };
    case 'ComplaintClosed':
      return closed(event, row);
    case 'ComplaintReopened':
      return reopened(row);
    case 'ComplaintWithdrawn':
      return { ...row, status: 'withdrawn' };
    default:
      return informed(event, row, at);
  }
}

type Fact = Exclude<
  Step,
  {
    readonly type:
      | 'DecisionCommunicated'
      | 'DecisionAccepted'
      | 'DecisionDisputed'
      | 'ComplaintClosed'
      | 'ComplaintReopened'
      | 'ComplaintWithdrawn';
  }
>;

function informed(event: Fact, row: RegisteredComplaint, at: Instant): RegisteredComplaint {
  switch (event.type) {
    case 'AllegationAdded':
      return { ...row, allegationCount: row.allegationCount + 1 };
    case 'ComplaintForwarded': {
      const { respondent } = event.data;
      return { ...row, respondent, forwardedAt: row.forwardedAt ?? at };
    }
    case 'ComplaintAcknowledged': {
      const respondBy = event.data.respondBy ?? null;
      return { ...row, acknowledged: true, acknowledgedAt: at, respondBy };
    }
    case 'ComplaintAssessed':
      return { ...row, priority: event.data.priority };
    case 'ComplaintClassified': {
      const { product, subProduct = null, issue, subIssue = null } = event.data;
      return { ...row, product, subProduct, issue, subIssue };
    }
    case 'ComplaintAssigned': {
      const { assignee = null, team = null } = event.data;
      return { ...row, assignee, team };
    }
    case 'ContactRecorded':
      return row;
    case 'FactCorrected':
      return corrected(row, event.data);
    default:
      return unhandled(row, event);
  }
}

function closed(
  { data, metadata }: Recorded<ComplaintClosed>,
  row: RegisteredComplaint,
): RegisteredComplaint {
  const { closureReason } = data;
  return { ...row, status: 'closed', closedAt: knownMoment(metadata), closureReason };
}

function decided(
  { data, metadata }: Recorded<DecisionCommunicated>,
  row: RegisteredComplaint,
  decidedAt: Instant,
): RegisteredComplaint {
  const { outcome, finding, timely } = data;
  const decision = timely === undefined ? { decidedAt } : { timely, decidedAt };
  return {
    ...row,
    status: 'decided',
    decidedAt: knownMoment(metadata),
    outcome,
    finding: finding ?? null,
    timely: timelinessOf(decision, row.respondBy),
    reply: null,
    closedAt: null,
    closureReason: null,
  };
}

function reopened(row: RegisteredComplaint): RegisteredComplaint {
  return {
    ...row,
    status: 'open',
    reopenedCount: row.reopenedCount + 1,
    decidedAt: null,
    outcome: null,
    finding: null,
    timely: null,
    reply: null,
    closedAt: null,
    closureReason: null,
  };
}

const SHOWN_FACTS = ['channel', 'product', 'subProduct', 'unit', 'country', 'region'] as const;

function corrected(row: RegisteredComplaint, data: FactCorrected['data']): RegisteredComplaint {
  // What the source said of the postal code no longer holds; the new one is personal data.
  if (data.fact === 'complainant.postalCode') return { ...row, postalCodeDefect: null };
  if (data.fact !== 'receivedAt') return { ...row, ...correctionOf(data, SHOWN_FACTS) };
  if (data.value === null) return row;
  return { ...row, receivedAt: data.value, receivedDay: dayOf(data.value) };
}
