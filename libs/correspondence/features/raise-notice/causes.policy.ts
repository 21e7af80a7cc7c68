import { happenedAt, millisOf, type Instant, type Recorded } from '#kernel';
import { NOTICE_AGE_MAX_DAYS } from '../../notice/notice.limits.js';
import type { NoticeKind } from '../../notice/notice.vocabulary.js';
import type { RaiseNotice } from './raise-notice.decide.js';

/** Events that a complainant may have to be told of, and as what. */
export const KINDS_BY_CAUSE: ReadonlyMap<string, NoticeKind> = new Map([
  ['ComplaintAcknowledged', 'acknowledgement'],
  ['DecisionCommunicated', 'decision'],
]);

/** Doors through which people work. What was imported or made up was told to nobody from here. */
const DOORS = new Set(['http', 'cli']);
const DAY_MS = 86_400_000;

/** What is asked of a cause; the medium is how the complainant is to be told. */
export type Cause = Recorded<{
  readonly type: string;
  readonly data: { readonly medium?: string };
}>;

/**
 * The notice that an event of a complaint calls for: an acknowledgement or a decision that goes by
 * e-mail, that somebody recorded here, a few days ago at most. Whether there is an address is asked
 * when it is sent, because it may yet be corrected.
 */
export function noticeCalledFor(cause: Cause, now: Instant): RaiseNotice | undefined {
  const kind = KINDS_BY_CAUSE.get(cause.type);
  const { actor, recordedAt } = cause.metadata;
  if (!kind || cause.data.medium !== 'e-mail' || !DOORS.has(actor.via)) return undefined;
  const eldest = millisOf(now) - NOTICE_AGE_MAX_DAYS * DAY_MS;
  // What happened long ago and was only recorded now was told long ago as well.
  if (Math.min(millisOf(recordedAt), millisOf(happenedAt(cause.metadata))) < eldest) {
    return undefined;
  }
  return { kind, complaint: cause.stream, causeId: cause.id, causeRevision: cause.revision };
}
