import { step, type Step } from '#event-store/port';
import { sha256Hex, uuidV5, type Actor, type CommandContext, type Instant } from '#kernel';
import type { ComplaintEvent, Source } from '../../complaint/complaint.events.js';
import type { Complaint } from '../../complaint/complaint.state.js';
import type { Outcome, RemedyKind } from '../../complaint/complaint.vocabulary.js';
import { closeComplaint } from '../../features/close-complaint/close-complaint.decide.js';
import { communicateDecision } from '../../features/communicate-decision/communicate-decision.decide.js';
import { forwardComplaint } from '../../features/forward-complaint/forward-complaint.decide.js';
import {
  lodgeComplaint,
  type LodgeComplaint,
  type NewAllegation,
} from '../../features/lodge-complaint/lodge-complaint.decide.js';
import { recordContact } from '../../features/record-contact/record-contact.decide.js';
import { recordReply } from '../../features/record-reply/record-reply.decide.js';
import { reopenComplaint } from '../../features/reopen-complaint/reopen-complaint.decide.js';
import { CFPB_ZONE } from './cfpb.dates.js';
import type { CfpbRow } from './cfpb.row.js';

export const SOURCE_SYSTEM = 'cfpb';
/** Namespace of the command ids of every import of this export; never changed. */
const NAMESPACE = 'f2a7c0de-5b0e-5c4e-8d0a-7c1f6f9b2e10';
const ACTOR: Actor = { id: 'cfpb-import', role: 'administrator', via: 'import' };
/** What stands for a company that 13-column extracts left out, and for two issues left blank. */
const NOT_STATED = 'not-stated';

const REMEDY_OF: Readonly<Partial<Record<Outcome, RemedyKind>>> = {
  'monetary-relief': 'compensation',
  'non-monetary-relief': 'other',
};

export type StepName =
  | 'lodge'
  | 'forward'
  | 'decide'
  | 'accept'
  | 'dispute'
  | 'close-accepted'
  | 'close-no-reply'
  | 'dispute-after-closing'
  | 'accept-after-closing';

/** The same row and step give the same id, which is what makes importing again harmless. */
export function commandIdOf(rowId: string, name: StepName): string {
  return uuidV5(NAMESPACE, `${rowId}/${name}`);
}

export function sourceOf(row: CfpbRow, raw: string): Source {
  return {
    system: SOURCE_SYSTEM,
    id: row.id,
    rowSha256: sha256Hex(raw),
    defects: row.defects,
    // With a decision it stands there; without one, no other event could carry the verdict.
    timely: row.outcome === undefined ? row.timely : undefined,
    labels: row.labels,
  };
}

/** What the row says of the complaint as it came in. */
export function lodgingOf(row: CfpbRow, reference: string, source: Source): LodgeComplaint {
  const { channel, receivedAt, needs, postalCode, state, product, subProduct, narrative } = row;
  return {
    reference,
    channel,
    receivedAt,
    receivedZone: CFPB_ZONE,
    complainant: { postalCode, needs: needs.length === 0 ? undefined : needs },
    region: state,
    product,
    subProduct,
    narrative,
    allegations: allegationsOf(row),
    source,
  };
}

function allegationsOf({ issue, subIssue }: CfpbRow): readonly NewAllegation[] {
  return [{ issue: issue ?? NOT_STATED, subIssue }];
}

type ComplaintStep = Step<Complaint | undefined, ComplaintEvent>;

/**
 * The commands that a row stands for, in the order of the process. `earlier` tells which of them an
 * earlier import of this row has written: an answer that came in between goes behind the closing.
 * Steps whose moment the source does not know carry none.
 */
export function stepsOf(
  row: CfpbRow,
  lodging: LodgeComplaint,
  moment: { readonly now: Instant; readonly earlier: ReadonlySet<string> },
): readonly ComplaintStep[] {
  const lodgeId = commandIdOf(row.id, 'lodge');
  const context = (name: StepName, occurredAt?: Instant): CommandContext => ({
    commandId: name === 'lodge' ? lodgeId : commandIdOf(row.id, name),
    actor: ACTOR,
    now: moment.now,
    occurredAt,
    correlationId: lodgeId,
  });
  const closedBefore =
    moment.earlier.size > 0 && moment.earlier.has(commandIdOf(row.id, 'close-no-reply'));
  const { sentAt, company: respondent = NOT_STATED } = row;
  return [
    step(lodgeComplaint, lodging, context('lodge', row.receivedAt)),
    ...(sentAt === undefined
      ? []
      : [step(forwardComplaint, { respondent }, context('forward', sentAt))]),
    ...decisionSteps(row, context),
    ...answerSteps(row, context, closedBefore),
  ];
}

type ContextOf = (name: StepName) => CommandContext;

function decisionSteps({ outcome, timely }: CfpbRow, context: ContextOf): readonly ComplaintStep[] {
  if (outcome === undefined) return [];
  const kind = REMEDY_OF[outcome];
  const decision = {
    outcome,
    remedies: kind === undefined ? [] : [{ kind }],
    timely,
  };
  return [step(communicateDecision, decision, context('decide'))];
}

function answerSteps(
  { outcome, disputed }: CfpbRow,
  context: ContextOf,
  closedBefore: boolean,
): readonly ComplaintStep[] {
  if (outcome === undefined) return [];
  if (disputed === undefined || closedBefore) {
    const noReply = step(closeComplaint, { closureReason: 'no-reply' }, context('close-no-reply'));
    return disputed === undefined ? [noReply] : [noReply, lateAnswer(disputed, context)];
  }
  if (disputed) return [step(recordReply, { reply: 'disputed' }, context('dispute'))];
  return [
    step(recordReply, { reply: 'accepted' }, context('accept')),
    step(closeComplaint, { closureReason: 'accepted' }, context('close-accepted')),
  ];
}

function lateAnswer(disputed: boolean, context: ContextOf): ComplaintStep {
  if (disputed) {
    return step(reopenComplaint, { ground: 'disputed' }, context('dispute-after-closing'));
  }
  const contact = {
    direction: 'inbound',
    medium: 'web',
    summary: 'The complainant did not dispute the decision.',
  } as const;
  return step(recordContact, contact, context('accept-after-closing'));
}
