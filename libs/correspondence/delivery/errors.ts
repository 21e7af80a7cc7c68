/** The event that a notice tells of is not where the notice says: its log is not the one it was. */
export class CauseMissing extends Error {
  override readonly name = 'CauseMissing';
  readonly code = 'notice.cause-missing';

  constructor(noticeId: string) {
    super(`notice ${noticeId}: the event that it tells of is not where it was`);
  }
}

/** Others kept changing the notice's stream while it was to be raised; it is tried again. */
export class RaisingContended extends Error {
  override readonly name = 'RaisingContended';
  readonly code = 'notice.raising-contended';

  constructor(noticeId: string) {
    super(`notice ${noticeId}: others keep changing its stream`);
  }
}
