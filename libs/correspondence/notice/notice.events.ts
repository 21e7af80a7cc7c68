import type { Instant, Recorded } from '#kernel';
import type { FailureCode, MailMedium, NoticeKind } from './notice.vocabulary.js';

// Type names and field names below are storage formats: never renamed, never reused. A changed
// shape is a new schema version with a case in notice.upcast.ts; a changed meaning is a new event.
// None holds personal data: the letter is written anew from the complaint whenever it is sent.

/** A complainant is to be told of something that happened to the complaint. */
export type NoticeRaised = {
  readonly type: 'NoticeRaised';
  readonly data: {
    readonly kind: NoticeKind;
    /** Stream of the complaint. */
    readonly complaint: string;
    /** Id of the event that the complainant is told of, and its revision in that stream. */
    readonly causeId: string;
    readonly causeRevision: number;
  };
};

/** Somebody has taken it upon them to send it now: recorded before, so that of two only one sends. */
export type NoticeAttempted = {
  readonly type: 'NoticeAttempted';
  readonly data: {
    /** From 1, without gaps. */
    readonly attempt: number;
    /** From when on the attempt counts as abandoned, if nothing more is heard of it. */
    readonly abandonedAt: Instant;
  };
};

export type NoticeSent = {
  readonly type: 'NoticeSent';
  readonly data: {
    readonly attempt: number;
    readonly medium: MailMedium;
    readonly messageId: string;
  };
};

export type NoticeDeferred = {
  readonly type: 'NoticeDeferred';
  readonly data: {
    readonly attempt: number;
    readonly code: FailureCode;
    readonly nextAttemptAt: Instant;
  };
};

/** A dead letter: nothing is tried any more until somebody replays it. */
export type NoticeFailed = {
  readonly type: 'NoticeFailed';
  readonly data: { readonly code: FailureCode };
};

export type NoticeReplayed = {
  readonly type: 'NoticeReplayed';
  readonly data: { readonly [name: string]: never };
};

export type NoticeEvent =
  NoticeRaised | NoticeAttempted | NoticeSent | NoticeDeferred | NoticeFailed | NoticeReplayed;

export type NoticeEventType = NoticeEvent['type'];
export type RecordedNoticeEvent = Recorded<NoticeEvent>;

/** Streams are named `notice-<uuid>`. */
export const NOTICE_STREAM_KIND = 'notice';
