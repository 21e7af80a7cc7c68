import { decodeComplaintEvent, evolve, type Complaint } from '#complaints/contract';
import type { EventStore, SaltedId } from '#event-store/port';
import type { Mail } from '#notices/port';
import { letterOf, type LetterFacts } from '../letters/notice-letter.view.js';
import { recipientOf } from '../letters/recipient.policy.js';
import type { Notice } from '../notice/notice.state.js';
import type { FailureCode } from '../notice/notice.vocabulary.js';
import { CauseMissing } from './errors.js';

export type Written =
  | { readonly kind: 'mail'; readonly mail: Mail }
  | { readonly kind: 'nobody'; readonly code: FailureCode };

export type Writing = {
  readonly eventStore: EventStore;
  /** Absolute address of an event's proof; absent where there is none to give. */
  readonly receiptOf?: ((event: SaltedId) => string) | undefined;
};

/**
 * The mail of a notice, from the log as it is now: a corrected address counts, and so does what was
 * erased. @throws StoreUnavailable, EventUndecodable, CauseMissing
 */
export async function writeLetter(
  { eventStore, receiptOf }: Writing,
  noticeId: string,
  notice: Notice,
): Promise<Written> {
  const stored = await eventStore.readStream(notice.complaint);
  const events = stored.map(decodeComplaintEvent);
  const complaint = events.reduce(evolve, undefined as Complaint | undefined);
  const cause = events[notice.causeRevision];
  if (!complaint || cause?.id !== notice.causeId) {
    throw new CauseMissing(noticeId);
  }
  const recipient = recipientOf(complaint);
  if (recipient.kind === 'nobody') return recipient;
  const step = stepOf(cause, complaint, receiptOf);
  if (!step) throw new CauseMissing(noticeId);
  const { reference, receivedAt, complainant } = complaint;
  const letter = letterOf({ reference, receivedAt, name: complainant.name, step });
  const mail = { noticeId, to: recipient.address, writtenAt: notice.raisedAt, ...letter };
  return { kind: 'mail', mail };
}

/** What the letter tells is what was recorded then, whatever was decided since. */
function stepOf(
  cause: ReturnType<typeof decodeComplaintEvent>,
  { acknowledgement }: Complaint,
  receiptOf: Writing['receiptOf'],
): LetterFacts['step'] | undefined {
  switch (cause.type) {
    case 'ComplaintAcknowledged': {
      const receipt = receiptOf?.({ id: cause.id, salt: cause.metadata.salt });
      return { kind: 'acknowledgement', ...cause.data, receipt };
    }
    case 'DecisionCommunicated':
      return { kind: 'decision', contact: acknowledgement?.contact, ...cause.data };
    default:
      return undefined;
  }
}
