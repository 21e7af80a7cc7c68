import {
  dayOf,
  happenedAt,
  unhandled,
  type Instant,
  type Recorded,
  type EventMetadata,
} from '#kernel';
import { defineProjection, type Projection } from '#read-models/port';
import {
  COMPLAINT_STREAM_KIND,
  type ComplaintEvent,
  type ComplaintLodged,
  type DecisionCommunicated,
  type FactCorrected,
} from '../complaint/complaint.events.js';
import {
  CHANNELS,
  CLOSURE_REASONS,
  FINDINGS,
  OUTCOMES,
  PRIORITIES,
  type ClosureReason,
  type Finding,
  type Outcome,
  type Priority,
} from '../complaint/complaint.vocabulary.js';
import {
  daysUntil,
  monthOf,
  statedTimeliness,
  TIMELINESS,
  timelinessOf,
  weekOf,
  type Timeliness,
} from '../complaint/timeliness.policy.js';
import { knownMoment } from './known-moment.policy.js';
import { correctionOf } from './shown-facts.policy.js';

/**
 * What one complaint adds to the numbers of its days. Sums are made when asked for, by grouping, so
 * that the rows behind a number and the events behind a row are always at hand.
 */
export type ComplaintFigures = {
  readonly receivedDay: string;
  readonly receivedWeek: string;
  readonly receivedMonth: string;
  readonly product: string;
  readonly subProduct: string | null;
  readonly issue: string;
  readonly subIssue: string | null;
  readonly channel: string;
  readonly unit: string | null;
  readonly respondent: string | null;
  readonly priority: Priority | null;
  readonly outcome: Outcome | null;
  readonly finding: Finding | null;
  readonly timely: Timeliness | null;
  readonly closureReason: ClosureReason | null;
  readonly disputed: boolean;
  readonly reopened: boolean;
  readonly withdrawn: boolean;
  readonly acknowledgedDay: string | null;
  readonly decidedDay: string | null;
  readonly closedDay: string | null;
  readonly daysToAcknowledgement: number | null;
  readonly daysToDecision: number | null;
  readonly daysToClosure: number | null;
  readonly respondBy: Instant | null;
  readonly lodgedEventId: string;
  readonly acknowledgedEventId: string | null;
  readonly decidedEventId: string | null;
  readonly disputedEventId: string | null;
  readonly closedEventId: string | null;
  readonly reopenedEventId: string | null;
  readonly withdrawnEventId: string | null;
};

type Statistics = Projection<ComplaintEvent, ComplaintFigures>;

const FIELDS: Statistics['fields'] = {
  receivedDay: { kind: 'day', description: 'UTC day of receipt.', filter: true, group: true },
  receivedWeek: { kind: 'string', description: 'ISO 8601 week of receipt.', group: true },
  receivedMonth: { kind: 'string', description: 'UTC month of receipt.', group: true },
  product: { kind: 'string', description: 'As classified last.', group: true },
  subProduct: { kind: 'string', description: 'As classified last.', group: true },
  issue: { kind: 'string', description: 'As classified last.', group: true },
  subIssue: { kind: 'string', description: 'As classified last.', group: true },
  channel: { kind: 'string', words: CHANNELS, description: 'How it arrived.', group: true },
  unit: { kind: 'string', description: 'Unit that is complained of.', group: true },
  respondent: { kind: 'string', description: 'Firm or unit that must answer.', group: true },
  priority: { kind: 'string', words: PRIORITIES, description: 'As assessed.', group: true },
  outcome: {
    kind: 'string',
    words: OUTCOMES,
    description: 'Relief of the latest decision.',
    group: true,
  },
  finding: {
    kind: 'string',
    words: FINDINGS,
    description: 'Finding of the latest decision.',
    group: true,
  },
  timely: {
    kind: 'string',
    words: TIMELINESS,
    description: 'Whether the latest decision was timely.',
    group: true,
  },
  closureReason: {
    kind: 'string',
    words: CLOSURE_REASONS,
    description: 'Why it is closed.',
    group: true,
  },
  disputed: { kind: 'boolean', description: 'Whether a decision was ever disputed.', group: true },
  reopened: { kind: 'boolean', description: 'Whether it was ever reopened.', group: true },
  withdrawn: { kind: 'boolean', description: 'Whether it was ever withdrawn.', group: true },
  acknowledgedDay: {
    kind: 'day',
    description: 'UTC day of acknowledgement.',
    filter: true,
    group: true,
  },
  decidedDay: {
    kind: 'day',
    description: 'UTC day of the latest decision.',
    filter: true,
    group: true,
  },
  closedDay: {
    kind: 'day',
    description: 'UTC day of closing; empty again once reopened.',
    filter: true,
    group: true,
  },
  daysToAcknowledgement: {
    kind: 'integer',
    description: 'Days from receipt to acknowledgement.',
    group: true,
  },
  daysToDecision: {
    kind: 'integer',
    description: 'Days from receipt to the latest decision.',
    group: true,
  },
  daysToClosure: { kind: 'integer', description: 'Days from receipt to closing.', group: true },
  respondBy: { kind: 'instant', description: 'By when an answer was promised.' },
  lodgedEventId: { kind: 'string', description: 'Event behind the receipt.' },
  acknowledgedEventId: { kind: 'string', description: 'Event behind acknowledgedDay.' },
  decidedEventId: { kind: 'string', description: 'Event behind decidedDay and outcome.' },
  disputedEventId: { kind: 'string', description: 'Event of the latest dispute.' },
  closedEventId: { kind: 'string', description: 'Event behind closedDay.' },
  reopenedEventId: { kind: 'string', description: 'Event of the latest reopening.' },
  withdrawnEventId: { kind: 'string', description: 'Event of the latest withdrawal.' },
};

/** One narrow row a complaint: days, dimensions and the ids of the events that say so. */
export const dailyStatistics: Statistics = defineProjection({
  name: 'daily-statistics',
  version: 1,
  streamKind: COMPLAINT_STREAM_KIND,
  fields: FIELDS,
  evolve(row: ComplaintFigures | undefined, event: Recorded<ComplaintEvent>) {
    if (event.type === 'ComplaintLodged') return lodged(event);
    if (!row) return undefined;
    return withDays(row, stepped(event, row));
  },
});

/** The row with what follows from its days; field by field for speed, as in the register. */
function withDays(row: ComplaintFigures, changed: ComplaintFigures): ComplaintFigures {
  const { receivedDay, acknowledgedDay, decidedDay, closedDay } = changed;
  const sameReceipt = receivedDay === row.receivedDay;
  return {
    receivedDay,
    receivedWeek: changed.receivedWeek,
    receivedMonth: changed.receivedMonth,
    product: changed.product,
    subProduct: changed.subProduct,
    issue: changed.issue,
    subIssue: changed.subIssue,
    channel: changed.channel,
    unit: changed.unit,
    respondent: changed.respondent,
    priority: changed.priority,
    outcome: changed.outcome,
    finding: changed.finding,
    timely: changed.timely,
    closureReason: changed.closureReason,
    disputed: changed.disputed,
    reopened: changed.reopened,
    withdrawn: changed.withdrawn,
    acknowledgedDay,
    decidedDay,
    closedDay,
    // Reading dates costs more than all the rest of a fold, so not without need.
    daysToAcknowledgement:
      sameReceipt && acknowledgedDay === row.acknowledgedDay
        ? row.daysToAcknowledgement
        : daysUntil(receivedDay, acknowledgedDay),
    daysToDecision:
      sameReceipt && decidedDay === row.decidedDay
        ? row.daysToDecision
        : daysUntil(receivedDay, decidedDay),
    daysToClosure:
      sameReceipt && closedDay === row.closedDay
        ? row.daysToClosure
        : daysUntil(receivedDay, closedDay),
    respondBy: changed.respondBy,
    lodgedEventId: changed.lodgedEventId,
    acknowledgedEventId: changed.acknowledgedEventId,
    decidedEventId: changed.decidedEventId,
    disputedEventId: changed.disputedEventId,
    closedEventId: changed.closedEventId,
    reopenedEventId: changed.reopenedEventId,
    withdrawnEventId: changed.withdrawnEventId,
  };
}

// One plain literal: with spreads in it, every later copy of the row took twenty times as long.
function lodged({ data, id }: Recorded<ComplaintLodged>): ComplaintFigures {
  const first = data.allegations[0];
  return {
    receivedDay: dayOf(data.receivedAt),
    receivedWeek: weekOf(data.receivedAt),
    receivedMonth: monthOf(data.receivedAt),
    product: data.product,
    subProduct: data.subProduct ?? null,
    issue: first?.issue ?? '',
    subIssue: first?.subIssue ?? null,
    channel: data.channel,
    unit: data.unit ?? null,
    respondent: null,
    priority: null,
    outcome: null,
    finding: null,
    timely: statedTimeliness(data.source),
    closureReason: null,
    disputed: false,
    reopened: false,
    withdrawn: false,
    acknowledgedDay: null,
    decidedDay: null,
    closedDay: null,
    daysToAcknowledgement: null,
    daysToDecision: null,
    daysToClosure: null,
    respondBy: null,
    lodgedEventId: id,
    acknowledgedEventId: null,
    decidedEventId: null,
    disputedEventId: null,
    closedEventId: null,
    reopenedEventId: null,
    withdrawnEventId: null,
  };
}

type Step = Exclude<Recorded<ComplaintEvent>, { readonly type: 'ComplaintLodged' }>;

// One spread, first, and then only fields that the row has: as in the register, for speed.
function stepped(event: Step, row: ComplaintFigures): ComplaintFigures {
  const { id, metadata } = event;
  const at = happenedAt(metadata);
  switch (event.type) {
    case 'DecisionCommunicated':
      return decided(event, row, at);
    case 'DecisionDisputed':
      return { ...row, disputed: true, disputedEventId: id };
    case 'ComplaintClosed': {
      const { closureReason } = event.data;
      return { ...row, closedDay: knownDay(metadata), closedEventId: id, closureReason };
    }
    case 'ComplaintReopened':
      return {
        ...row,
        closedDay: null,
        closedEventId: null,
        closureReason: null,
        reopened: true,
        reopenedEventId: id,
      };
    case 'ComplaintWithdrawn':
      return { ...row, withdrawn: true, withdrawnEventId: id };
    case 'ComplaintAcknowledged': {
      const respondBy = event.data.respondBy ?? null;
      return { ...row, acknowledgedDay: dayOf(at), acknowledgedEventId: id, respondBy };
    }
    default:
      return informed(event, row);
  }
}

type Fact = Exclude<
  Step,
  {
    readonly type:
      | 'DecisionCommunicated'
      | 'DecisionDisputed'
      | 'ComplaintClosed'
      | 'ComplaintReopened'
      | 'ComplaintWithdrawn'
      | 'ComplaintAcknowledged';
  }
>;

function informed(event: Fact, row: ComplaintFigures): ComplaintFigures {
  switch (event.type) {
    case 'ComplaintForwarded':
      return { ...row, respondent: event.data.respondent };
    case 'ComplaintAssessed':
      return { ...row, priority: event.data.priority };
    case 'ComplaintClassified': {
      const { product, subProduct = null, issue, subIssue = null } = event.data;
      return { ...row, product, subProduct, issue, subIssue };
    }
    case 'FactCorrected':
      return corrected(row, event.data);
    case 'AllegationAdded':
    case 'ComplaintAssigned':
    case 'ContactRecorded':
    case 'DecisionAccepted':
      return row;
    default:
      return unhandled(row, event);
  }
}

function knownDay(metadata: EventMetadata): string | null {
  const moment = knownMoment(metadata);
  return moment === null ? null : dayOf(moment);
}

function decided(
  { data, id, metadata }: Recorded<DecisionCommunicated>,
  row: ComplaintFigures,
  decidedAt: Instant,
): ComplaintFigures {
  const { outcome, finding, timely } = data;
  const decision = timely === undefined ? { decidedAt } : { timely, decidedAt };
  return {
    ...row,
    decidedDay: knownDay(metadata),
    decidedEventId: id,
    outcome,
    finding: finding ?? null,
    timely: timelinessOf(decision, row.respondBy),
  };
}

const SHOWN_FACTS = ['channel', 'product', 'subProduct', 'unit'] as const;

function corrected(row: ComplaintFigures, data: FactCorrected['data']): ComplaintFigures {
  if (data.fact !== 'receivedAt') return { ...row, ...correctionOf(data, SHOWN_FACTS) };
  if (data.value === null) return row;
  return {
    ...row,
    receivedDay: dayOf(data.value),
    receivedWeek: weekOf(data.value),
    receivedMonth: monthOf(data.value),
  };
}
