import { reject, type Instant, type Rejection } from '#kernel';
import { EVENTS_PER_COMPLAINT_MAX } from './complaint.limits.js';
import type { RefusalCode } from './complaint.refusals.js';
import { STATUSES, type Complaint, type Status } from './complaint.state.js';
import type { ClosureReason } from './complaint.vocabulary.js';

export const COMMAND_NAMES = [
  'lodge-complaint',
  'add-allegation',
  'forward-complaint',
  'acknowledge-complaint',
  'assess-complaint',
  'classify-complaint',
  'assign-complaint',
  'record-contact',
  'communicate-decision',
  'record-reply',
  'close-complaint',
  'reopen-complaint',
  'withdraw-complaint',
  'correct-fact',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What a complaint can have besides its status. */
export type Facet = 'acknowledgement' | 'assessment';

export type LifecycleRule = {
  /** Allowed in these statuses, and which ones it can lead to from there. */
  readonly from: { readonly [From in Status]?: readonly Status[] };
  /** Refusal where a status allows it not; {@link STATUS_REFUSALS} where nothing is said here. */
  readonly refusals?: { readonly [From in Status]?: RefusalCode };
  /** Happens once in the life of a complaint. */
  readonly once?: { readonly facet: Facet; readonly code: RefusalCode };
  /**
   * Earliest moment at which it can have happened: any time; once the complaint was received; or
   * not before the step that led to the present status.
   */
  readonly notBefore: 'any-time' | 'receipt' | 'previous-step';
  /** Still accepted when the complaint has reached its limit of events. */
  readonly endsWork?: true;
};

/** Why a step is refused in a status, unless its rule says it more precisely. */
export const STATUS_REFUSALS: { readonly [In in Status]: RefusalCode } = {
  open: 'complaint.still-open',
  decided: 'complaint.already-decided',
  accepted: 'complaint.already-accepted',
  disputed: 'complaint.disputed',
  closed: 'complaint.closed',
  withdrawn: 'complaint.withdrawn',
};

const NOT_CLOSED = 'complaint.not-closed';
const REPLIED = 'reply.already-given';
/** Stays where it is, in every status. */
const EVERYWHERE = {
  open: ['open'],
  decided: ['decided'],
  accepted: ['accepted'],
  disputed: ['disputed'],
  closed: ['closed'],
  withdrawn: ['withdrawn'],
} as const;
/** Stays where it is, while there is work on the complaint. */
const WHILE_WORKED_ON = {
  open: ['open'],
  decided: ['decided'],
  accepted: ['accepted'],
  disputed: ['disputed'],
} as const;
/** Stays where it is, while a decision is still to be made. */
const WHILE_UNDECIDED = { open: ['open'], disputed: ['disputed'] } as const;

/**
 * Which command is allowed in which status, what it leads to and how it is refused elsewhere. The
 * one source of the checks, of `allowed` in every answer, and of the diagram in docs/events.md.
 */
export const lifecycle: { readonly [Name in CommandName]: LifecycleRule } = {
  // Only where there is no complaint yet; see refusalOf.
  'lodge-complaint': { from: {}, notBefore: 'any-time' },
  'add-allegation': { from: WHILE_UNDECIDED, notBefore: 'receipt' },
  'forward-complaint': { from: WHILE_UNDECIDED, notBefore: 'receipt' },
  'acknowledge-complaint': {
    from: { open: ['open'] },
    once: { facet: 'acknowledgement', code: 'complaint.already-acknowledged' },
    notBefore: 'receipt',
  },
  'assess-complaint': {
    from: WHILE_UNDECIDED,
    once: { facet: 'assessment', code: 'complaint.already-assessed' },
    notBefore: 'receipt',
  },
  'classify-complaint': { from: WHILE_WORKED_ON, notBefore: 'receipt' },
  'assign-complaint': { from: WHILE_WORKED_ON, notBefore: 'receipt' },
  // People call before their letter arrives and after the case is closed.
  'record-contact': { from: EVERYWHERE, notBefore: 'any-time' },
  // A dispute is answered by another decision (ISO 10002:2018 7.8, 7.9).
  'communicate-decision': {
    from: { open: ['decided'], disputed: ['decided'] },
    notBefore: 'previous-step',
  },
  'record-reply': {
    from: { decided: ['accepted', 'disputed'] },
    refusals: { accepted: REPLIED, disputed: REPLIED },
    notBefore: 'previous-step',
  },
  'close-complaint': {
    from: {
      open: ['closed'],
      decided: ['closed'],
      accepted: ['closed'],
      disputed: ['closed'],
      withdrawn: ['closed'],
    },
    notBefore: 'previous-step',
    endsWork: true,
  },
  'reopen-complaint': {
    from: { closed: ['open'], withdrawn: ['open'] },
    refusals: { open: NOT_CLOSED, decided: NOT_CLOSED, accepted: NOT_CLOSED, disputed: NOT_CLOSED },
    notBefore: 'previous-step',
  },
  'withdraw-complaint': {
    from: { open: ['withdrawn'], decided: ['withdrawn'], disputed: ['withdrawn'] },
    notBefore: 'previous-step',
    endsWork: true,
  },
  'correct-fact': { from: EVERYWHERE, notBefore: 'any-time' },
};

/** For which reasons a complaint may be closed, by its status (ISO 10002:2018 7.9). */
export const CLOSURE_REASONS_FROM: { readonly [In in Status]: readonly ClosureReason[] } = {
  open: ['duplicate', 'out-of-scope'],
  decided: ['options-exhausted', 'no-reply'],
  accepted: ['accepted'],
  disputed: ['options-exhausted'],
  withdrawn: ['withdrawn'],
  closed: [],
};

export const NOT_LODGED: Rejection<RefusalCode> = reject(
  'complaint.not-lodged',
  'there is no such complaint',
);

/** Why a command is refused on the complaint as it stands, whatever it says; or undefined. */
export function refusalOf(
  name: CommandName,
  complaint: Complaint | undefined,
): Rejection<RefusalCode> | undefined {
  if (name === 'lodge-complaint') {
    return (
      complaint && reject('complaint.already-lodged', `${complaint.reference} is there already`)
    );
  }
  if (!complaint) return NOT_LODGED;
  const { status, reference } = complaint;
  const rule = lifecycle[name];
  if (!rule.from[status]) {
    const code = rule.refusals?.[status] ?? STATUS_REFUSALS[status];
    return reject(code, `${name}: ${reference} is ${status}`);
  }
  if (rule.once && complaint[rule.once.facet]) {
    return reject(rule.once.code, `${name}: ${reference} has its ${rule.once.facet}`);
  }
  if (complaint.eventCount >= EVENTS_PER_COMPLAINT_MAX && !rule.endsWork) {
    return reject('complaint.too-many-events', `${reference} has ${complaint.eventCount} events`);
  }
  return undefined;
}

/** Why a command cannot have happened at a moment; or undefined. Expects it to be allowed. */
export function momentRefusalOf(
  name: CommandName,
  complaint: Complaint,
  moment: Instant,
): Rejection<RefusalCode> | undefined {
  const { notBefore } = lifecycle[name];
  const { receivedAt, statusSince, status } = complaint;
  if (notBefore === 'any-time') return undefined;
  if (moment < receivedAt) {
    return reject('moment.before-receipt', `${moment} lies before receipt at ${receivedAt}`);
  }
  if (notBefore === 'previous-step' && moment < statusSince) {
    const since = `${status} since ${statusSince}`;
    return reject('moment.before-previous-step', `${moment}: the complaint is ${since}`);
  }
  return undefined;
}

/** Commands that are not refused on the complaint as it stands, in order of the process. */
export function allowedCommands(complaint: Complaint | undefined): readonly CommandName[] {
  return COMMAND_NAMES.filter((name) => refusalOf(name, complaint) === undefined);
}

export const NEXT_STEPS = [
  'acknowledge',
  'assess',
  'assign',
  'decide',
  'await-reply',
  'answer-dispute',
  'close',
  'none',
] as const;
export type NextStep = (typeof NEXT_STEPS)[number];

/** How far a complaint has come; what the worklist goes by. */
export type Standing = {
  readonly status: Status;
  readonly acknowledged: boolean;
  readonly assessed: boolean;
  readonly assigned: boolean;
};

/** What the worklist asks for next. */
export function nextStepFrom({ status, acknowledged, assessed, assigned }: Standing): NextStep {
  switch (status) {
    case 'open':
      if (!acknowledged) return 'acknowledge';
      if (!assessed) return 'assess';
      return assigned ? 'decide' : 'assign';
    case 'decided':
      return 'await-reply';
    case 'disputed':
      return 'answer-dispute';
    case 'accepted':
    case 'withdrawn':
      return 'close';
    case 'closed':
      return 'none';
  }
}

export function nextStep(complaint: Complaint): NextStep {
  return nextStepFrom({
    status: complaint.status,
    acknowledged: complaint.acknowledgement !== undefined,
    assessed: complaint.assessment !== undefined,
    assigned: complaint.assignment !== undefined,
  });
}

/** Every step of the lifecycle as an arrow: from a status, by a command, to a status. */
export function transitions(): readonly {
  readonly from: Status;
  readonly command: CommandName;
  readonly to: Status;
}[] {
  return COMMAND_NAMES.flatMap((command) =>
    STATUSES.flatMap((from) =>
      (lifecycle[command].from[from] ?? []).map((to) => ({ from, command, to })),
    ),
  );
}
