/** Closed lists of stored words. A word is never renamed or reused; new ones may be added. */

/** What a notice tells: that a complaint arrived (ISO 10002:2018 7.4), or what was decided (7.8). */
export const NOTICE_KINDS = ['acknowledgement', 'decision'] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** How a mail left the house: as a file in a folder, or to a mail server. */
export const MAIL_MEDIA = ['outbox', 'smtp'] as const;
export type MailMedium = (typeof MAIL_MEDIA)[number];

/** Why an attempt, or the notice, failed. */
export const FAILURE_CODES = [
  'mail.refused',
  'mail.recipient-refused',
  'mail.deferred',
  'mail.unreachable',
  'mail.timeout',
  'mail.not-authorised',
  'mail.tls-failed',
  'mail.disk-failed',
  'notice.no-address',
  'notice.bad-address',
  'notice.complaint-withdrawn',
  'notice.abandoned',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];
