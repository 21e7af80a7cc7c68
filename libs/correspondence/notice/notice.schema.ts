import type { NoticeEventType } from './notice.events.js';
import { FAILURE_CODES, MAIL_MEDIA, NOTICE_KINDS } from './notice.vocabulary.js';

const INTEGER_MAX = 1_000_000;
const ID_LENGTH_MAX = 400;

type NoticeField =
  | { readonly kind: 'text'; readonly lengthMax: number }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'form'; readonly form: 'instant' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number };

/** What an event is, for readers of the log and for the docs; the form is that of complaints. */
export type NoticeEventSchema = {
  readonly summary: string;
  /** Clause of ISO 10002:2018. */
  readonly clause: string;
  /** Version of the product that wrote it first. */
  readonly since: string;
  /** Version of the shape that is written today; older ones pass through notice.upcast.ts. */
  readonly schemaVersion: number;
  readonly data: {
    readonly kind: 'object';
    readonly fields: { readonly [name: string]: NoticeField };
  };
};

const ID = { kind: 'text', lengthMax: ID_LENGTH_MAX } as const;
const ATTEMPT = { kind: 'integer', min: 1, max: INTEGER_MAX } as const;
const INSTANT = { kind: 'form', form: 'instant' } as const;
const CODE = { kind: 'word', words: FAILURE_CODES } as const;

/** What every event of a notice holds. The types in notice.events.ts say the same. */
export const NOTICE_EVENT_SCHEMAS: { readonly [Type in NoticeEventType]: NoticeEventSchema } = {
  NoticeRaised: event('7.3', 'The complainant is to be told of a step.', {
    kind: { kind: 'word', words: NOTICE_KINDS },
    complaint: ID,
    causeId: ID,
    causeRevision: { kind: 'integer', min: 0, max: INTEGER_MAX },
  }),
  NoticeAttempted: event('7.3', 'Sending the notice was taken in hand.', {
    attempt: ATTEMPT,
    abandonedAt: INSTANT,
  }),
  NoticeSent: event('7.3', 'The notice was handed over to be carried to the complainant.', {
    attempt: ATTEMPT,
    medium: { kind: 'word', words: MAIL_MEDIA },
    messageId: ID,
  }),
  NoticeDeferred: event('7.3', 'An attempt failed; another one follows.', {
    attempt: ATTEMPT,
    code: CODE,
    nextAttemptAt: INSTANT,
  }),
  NoticeFailed: event('7.3', 'The notice was given up: a dead letter.', { code: CODE }),
  NoticeReplayed: event('7.3', 'A dead letter is to be tried again.', {}),
};

function event(
  clause: string,
  summary: string,
  fields: NoticeEventSchema['data']['fields'],
): NoticeEventSchema {
  return { summary, clause, since: '0.1.0', schemaVersion: 1, data: { kind: 'object', fields } };
}
