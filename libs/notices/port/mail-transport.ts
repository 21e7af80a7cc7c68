import type { Instant } from '#kernel';

/** A letter ready to go. It holds personal data, and so is never kept, logged or queued. */
export type Mail = {
  /** UUID of the notice; the message id and the file name follow from it, so that twins are known. */
  readonly noticeId: string;
  /** One address, already checked. */
  readonly to: string;
  readonly subject: string;
  /** Plain text with LF. */
  readonly text: string;
  /** What the mail says it was written; the same at every attempt. */
  readonly writtenAt: Instant;
};

/** How mails leave the house. A stored word, never renamed. */
export type MailMedium = 'outbox' | 'smtp';

/** Code of a delivery that did not come about; stored, never renamed. Names no address. */
export type MailFailureCode =
  | 'mail.refused'
  | 'mail.recipient-refused'
  | 'mail.deferred'
  | 'mail.unreachable'
  | 'mail.timeout'
  | 'mail.not-authorised'
  | 'mail.tls-failed'
  | 'mail.disk-failed';

export type Delivered =
  | { readonly kind: 'accepted'; readonly medium: MailMedium; readonly messageId: string }
  /** For good: the same mail will not be taken tomorrow either. */
  | { readonly kind: 'refused'; readonly code: MailFailureCode }
  /** For now; or nobody knows, because the answer did not arrive. */
  | { readonly kind: 'failed'; readonly code: MailFailureCode };

/** Takes mails on their way. What can go wrong with a mail is an answer, not an exception. */
export abstract class MailTransport {
  /** Answers within {@link SEND_TIMEOUT_MS}, whatever the other side does. */
  abstract send(mail: Mail): Promise<Delivered>;

  abstract close(): Promise<void>;
}

/** Longest time that one sending takes before it counts as failed. */
export const SEND_TIMEOUT_MS = 60_000;
