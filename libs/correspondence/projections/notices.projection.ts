import { unhandled, type Instant, type Recorded } from '#kernel';
import { defineProjection, type Projection } from '#read-models/port';
import { NOTICE_STREAM_KIND, type NoticeEvent } from '../notice/notice.events.js';
import type { FailureCode, MailMedium, NoticeKind } from '../notice/notice.vocabulary.js';

export const NOTICE_STATES = ['due', 'sent', 'failed'] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];

/** One row a notice. No personal data: whom it goes to stands in the complaint. */
export type ListedNotice = {
  readonly state: NoticeState;
  readonly kind: NoticeKind;
  readonly complaint: string;
  readonly causeId: string;
  readonly causeRevision: number;
  readonly raisedAt: Instant;
  readonly dueAt: Instant | null;
  readonly attempts: number;
  readonly sentAt: Instant | null;
  readonly medium: MailMedium | null;
  readonly messageId: string | null;
  readonly failedAt: Instant | null;
  readonly code: FailureCode | null;
  readonly replays: number;
};

type Notices = Projection<NoticeEvent, ListedNotice>;

const FIELDS: Notices['fields'] = {
  state: {
    kind: 'string',
    description: 'Whether it is still to be sent, was sent, or was given up.',
    filter: true,
    group: true,
  },
  kind: { kind: 'string', description: 'What it tells.', filter: true, group: true },
  complaint: { kind: 'string', description: 'Stream of the complaint.', filter: true },
  causeId: { kind: 'string', description: 'Event that the complainant is told of.' },
  causeRevision: { kind: 'integer', description: "Its revision in the complaint's stream." },
  raisedAt: { kind: 'instant', description: 'When it was raised.', sort: true },
  dueAt: { kind: 'instant', description: 'When it is tried next.', sort: true },
  attempts: { kind: 'integer', description: 'How often it was tried.', group: true },
  sentAt: { kind: 'instant', description: 'When it was handed over.' },
  medium: { kind: 'string', description: 'To what it was handed over.', group: true },
  messageId: { kind: 'string', description: 'Message-ID of the mail.' },
  failedAt: { kind: 'instant', description: 'When it was given up.' },
  code: { kind: 'string', description: 'Why the last attempt failed.', group: true },
  replays: { kind: 'integer', description: 'How often it was replayed.', group: true },
};

/** Every notice: what is to be sent and when, what was sent, and the dead letters. */
export const notices: Notices = defineProjection({
  name: 'notices',
  version: 1,
  streamKind: NOTICE_STREAM_KIND,
  fields: FIELDS,
  evolve(row: ListedNotice | undefined, event: Recorded<NoticeEvent>) {
    const { recordedAt } = event.metadata;
    if (event.type === 'NoticeRaised') {
      return {
        state: 'due',
        kind: event.data.kind,
        complaint: event.data.complaint,
        causeId: event.data.causeId,
        causeRevision: event.data.causeRevision,
        raisedAt: recordedAt,
        dueAt: recordedAt,
        attempts: 0,
        sentAt: null,
        medium: null,
        messageId: null,
        failedAt: null,
        code: null,
        replays: 0,
      };
    }
    return row && stepped(row, event, recordedAt);
  },
});

type Step = Exclude<Recorded<NoticeEvent>, { readonly type: 'NoticeRaised' }>;

function stepped(row: ListedNotice, event: Step, at: Instant): ListedNotice {
  switch (event.type) {
    case 'NoticeAttempted':
      return { ...row, attempts: event.data.attempt, dueAt: event.data.abandonedAt };
    case 'NoticeSent': {
      const { medium, messageId } = event.data;
      return { ...row, state: 'sent', dueAt: null, sentAt: at, medium, messageId, code: null };
    }
    case 'NoticeDeferred':
      return { ...row, dueAt: event.data.nextAttemptAt, code: event.data.code };
    case 'NoticeFailed':
      return { ...row, state: 'failed', dueAt: null, failedAt: at, code: event.data.code };
    case 'NoticeReplayed':
      return { ...row, state: 'due', dueAt: at, failedAt: null, replays: row.replays + 1 };
    default:
      return unhandled(row, event);
  }
}
