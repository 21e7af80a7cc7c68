import { happenedAt, unhandled, type Instant, type Recorded } from '#kernel';
import type {
  ComplaintAcknowledged,
  ComplaintAssessed,
  ComplaintAssigned,
  ComplaintClosed,
  ComplaintEvent,
  ComplaintForwarded,
  ComplaintLodged,
  ComplaintReopened,
  ComplaintWithdrawn,
  ContactRecorded,
  DecisionCommunicated,
  DecisionDisputed,
  FactCorrected,
} from './complaint.events.js';
import type { CorrectableFact, CorrectablePersonalFact } from './complaint.vocabulary.js';

export const STATUSES = ['open', 'decided', 'accepted', 'disputed', 'closed', 'withdrawn'] as const;
export type Status = (typeof STATUSES)[number];

/** When a step happened (not when it was recorded), and the id of who took it. */
export type Stamp = { readonly at: Instant; readonly by: string };

export type Forwarding = ComplaintForwarded['data'] & Stamp;
export type Acknowledgement = ComplaintAcknowledged['data'] & Stamp;
export type Assessment = ComplaintAssessed['data'] & Stamp;
export type Assignment = ComplaintAssigned['data'] & Stamp;
export type Contact = ContactRecorded['data'] & Stamp;
export type CommunicatedDecision = DecisionCommunicated['data'] & Stamp;
export type Reply = { readonly kind: 'accepted' | 'disputed' } & DecisionDisputed['data'] & Stamp;
export type Closure = ComplaintClosed['data'] & Stamp;
export type Reopening = ComplaintReopened['data'] & Stamp;
export type Withdrawal = ComplaintWithdrawn['data'] & Stamp;
/** Which fact; its old and new value are told by the difference of the states around it. */
export type Correction = { readonly fact: CorrectableFact | CorrectablePersonalFact } & Stamp;

/** What was decided, replied and closed before a new decision or a reopening set it aside. */
export type Round = {
  readonly decision?: CommunicatedDecision;
  readonly reply?: Reply;
  readonly closure?: Closure;
  readonly withdrawal?: Withdrawal;
};

/**
 * A complaint as its events tell it. Plain JSON, so that it can be stored as a document, read back
 * and folded on; a member that is undefined is as good as not there.
 */
export type Complaint = Omit<ComplaintLodged['data'], 'allegations'> &
  Round & {
    readonly status: Status;
    /** When the step that led to the status happened. */
    readonly statusSince: Instant;
    /** When the system was told of the complaint. */
    readonly lodgedAt: Instant;
    /** As classified last; the first allegation's until then. */
    readonly issue: string;
    readonly subIssue?: string;
    readonly classified?: Stamp;
    readonly allegations: ComplaintLodged['data']['allegations'];
    readonly forwardings: readonly Forwarding[];
    readonly acknowledgement?: Acknowledgement;
    readonly assessment?: Assessment;
    readonly assignment?: Assignment;
    readonly contacts: readonly Contact[];
    readonly earlierRounds: readonly Round[];
    readonly reopenings: readonly Reopening[];
    readonly corrections: readonly Correction[];
    /** When the earliest step happened that can only follow receipt: no contact, no correction. */
    readonly firstStepAt?: Instant;
    /** When the latest of all its steps happened. */
    readonly lastEventAt: Instant;
    readonly eventCount: number;
  };

/**
 * Records one event; never refuses, never judges. Events before the lodging (a reader may have
 * left it out) leave nothing behind.
 */
export function evolve(
  complaint: Complaint | undefined,
  event: Recorded<ComplaintEvent>,
): Complaint | undefined {
  if (event.type === 'ComplaintLodged') return lodged(event);
  if (!complaint) return undefined;
  const stamp: Stamp = { at: happenedAt(event.metadata), by: event.metadata.actor.id };
  return {
    ...record(complaint, event, stamp),
    firstStepAt: earliest(complaint.firstStepAt, event.type, stamp.at),
    lastEventAt: stamp.at > complaint.lastEventAt ? stamp.at : complaint.lastEventAt,
    eventCount: complaint.eventCount + 1,
  };
}

// One plain literal with every member there can be: a complaint then keeps its shape for life. With
// spreads, or members that come later, each copy of it took twenty times as long. In canonical order,
// so that nothing need be sorted when it is stored.
function lodged({ data, metadata }: Recorded<ComplaintLodged>): Complaint {
  const first = data.allegations[0];
  return {
    acknowledgement: undefined,
    allegations: data.allegations,
    assessment: undefined,
    assignment: undefined,
    channel: data.channel,
    classified: undefined,
    closure: undefined,
    complainant: data.complainant,
    contacts: [],
    corrections: [],
    country: data.country,
    decision: undefined,
    earlierRounds: [],
    enclosures: data.enclosures,
    eventCount: 1,
    firstStepAt: undefined,
    forwardings: [],
    issue: first?.issue ?? '',
    language: data.language,
    lastEventAt: happenedAt(metadata),
    lodgedAt: metadata.recordedAt,
    narrative: data.narrative,
    product: data.product,
    receivedAt: data.receivedAt,
    receivedBy: data.receivedBy,
    receivedZone: data.receivedZone,
    reference: data.reference,
    region: data.region,
    remedySought: data.remedySought,
    reopenings: [],
    reply: undefined,
    source: data.source,
    status: 'open',
    statusSince: data.receivedAt,
    subIssue: first?.subIssue,
    subProduct: data.subProduct,
    unit: data.unit,
    withdrawal: undefined,
  };
}

function earliest(
  known: Instant | undefined,
  type: ComplaintEvent['type'],
  at: Instant,
): Instant | undefined {
  if (type === 'ContactRecorded' || type === 'FactCorrected') return known;
  return known === undefined || at < known ? at : known;
}

type Step = Exclude<Recorded<ComplaintEvent>, { readonly type: 'ComplaintLodged' }>;

function record(complaint: Complaint, event: Step, stamp: Stamp): Complaint {
  switch (event.type) {
    case 'DecisionCommunicated':
      return {
        ...newRound(complaint),
        decision: { ...event.data, ...stamp },
        status: 'decided',
        statusSince: stamp.at,
      };
    case 'DecisionAccepted':
      return {
        ...complaint,
        reply: { kind: 'accepted', ...event.data, ...stamp },
        status: 'accepted',
        statusSince: stamp.at,
      };
    case 'DecisionDisputed':
      return {
        ...complaint,
        reply: { kind: 'disputed', ...event.data, ...stamp },
        status: 'disputed',
        statusSince: stamp.at,
      };
    case 'ComplaintClosed':
      return {
        ...complaint,
        closure: { ...event.data, ...stamp },
        status: 'closed',
        statusSince: stamp.at,
      };
    case 'ComplaintReopened':
      return {
        ...newRound(complaint),
        reopenings: [...complaint.reopenings, { ...event.data, ...stamp }],
        status: 'open',
        statusSince: stamp.at,
      };
    case 'ComplaintWithdrawn':
      return {
        ...complaint,
        withdrawal: { ...event.data, ...stamp },
        status: 'withdrawn',
        statusSince: stamp.at,
      };
    default:
      return recordFact(complaint, event, stamp);
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

/** What leaves the status as it is. */
function recordFact(complaint: Complaint, event: Fact, stamp: Stamp): Complaint {
  switch (event.type) {
    case 'AllegationAdded':
      return { ...complaint, allegations: [...complaint.allegations, event.data.allegation] };
    case 'ComplaintForwarded':
      return {
        ...complaint,
        forwardings: [...complaint.forwardings, { ...event.data, ...stamp }],
      };
    case 'ComplaintAcknowledged':
      return { ...complaint, acknowledgement: { ...event.data, ...stamp } };
    case 'ComplaintAssessed':
      return { ...complaint, assessment: { ...event.data, ...stamp } };
    case 'ComplaintClassified': {
      const { product, subProduct, issue, subIssue } = event.data;
      return { ...complaint, product, subProduct, issue, subIssue, classified: stamp };
    }
    case 'ComplaintAssigned':
      return { ...complaint, assignment: { ...event.data, ...stamp } };
    case 'ContactRecorded':
      return { ...complaint, contacts: [...complaint.contacts, { ...event.data, ...stamp }] };
    case 'FactCorrected':
      return {
        ...corrected(complaint, event.data),
        corrections: [...complaint.corrections, { fact: event.data.fact, ...stamp }],
      };
    default:
      return unhandled(complaint, event);
  }
}

/** Sets aside the decision and all that followed from it. */
function newRound(complaint: Complaint): Complaint {
  const { decision, reply, closure, withdrawal } = complaint;
  if (!decision && !closure && !withdrawal) return complaint;
  const round: Round = {
    ...(decision ? { decision } : {}),
    ...(reply ? { reply } : {}),
    ...(closure ? { closure } : {}),
    ...(withdrawal ? { withdrawal } : {}),
  };
  return {
    ...complaint,
    decision: undefined,
    reply: undefined,
    closure: undefined,
    withdrawal: undefined,
    earlierRounds: [...complaint.earlierRounds, round],
  };
}

const COMPLAINANT_FACT = /^complainant\.(\w+)$/;

function corrected(complaint: Complaint, data: FactCorrected['data']): Complaint {
  const value = 'value' in data ? data.value : data.personalValue;
  const [, detail] = COMPLAINANT_FACT.exec(data.fact) ?? [];
  if (
    data.fact === 'receivedAt' &&
    value !== null &&
    complaint.statusSince === complaint.receivedAt
  ) {
    return { ...complaint, receivedAt: value, statusSince: value };
  }
  if (detail === undefined) return withFact(complaint, data.fact, value);
  return { ...complaint, complainant: withFact(complaint.complainant, detail, value) };
}

function withFact<Holder extends object>(
  holder: Holder,
  name: string,
  value: string | null,
): Holder {
  return { ...holder, [name]: value ?? undefined };
}

/** The present value of a fact that can be corrected; null when it is not known. */
export function factOf(
  complaint: Complaint,
  fact: CorrectableFact | CorrectablePersonalFact,
): string | null {
  const [, detail] = COMPLAINANT_FACT.exec(fact) ?? [];
  const holder: object = detail === undefined ? complaint : complaint.complainant;
  const value: unknown = Reflect.get(holder, detail ?? fact);
  return typeof value === 'string' ? value : null;
}
