import { accept, reject, type CommandContext, type Decision } from '#kernel';
import type { NoticeEvent } from '../../notice/notice.events.js';
import {
  ATTEMPTS_MAX,
  RETRY_DELAY_FACTOR,
  RETRY_DELAY_FIRST_MS,
  RETRY_DELAY_MAX_MS,
} from '../../notice/notice.limits.js';
import type { NoticeRefusalCode } from '../../notice/notice.refusals.js';
import { later, type Notice } from '../../notice/notice.state.js';
import type { FailureCode, MailMedium } from '../../notice/notice.vocabulary.js';

/** How an attempt went. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly medium: MailMedium; readonly messageId: string }
  | { readonly kind: 'refused' | 'failed'; readonly code: FailureCode };

export type SettleAttempt = { readonly attempt: number; readonly outcome: Outcome };

export function settleAttempt(
  notice: Notice | undefined,
  { attempt, outcome }: SettleAttempt,
  { now }: CommandContext,
): Decision<NoticeEvent> {
  if (!notice) return refuse('notice.not-raised', 'there is no such notice');
  if (notice.status !== 'attempting' || notice.attempts !== attempt) {
    return refuse('notice.not-attempted', `attempt ${attempt} is over`);
  }
  if (outcome.kind === 'accepted') {
    const { medium, messageId } = outcome;
    return accept({ type: 'NoticeSent', data: { attempt, medium, messageId } });
  }
  const { code } = outcome;
  if (outcome.kind === 'refused' || notice.attemptsInRow >= ATTEMPTS_MAX) {
    return accept({ type: 'NoticeFailed', data: { code } });
  }
  const nextAttemptAt = later(now, retryDelayMs(notice.attemptsInRow));
  return accept({ type: 'NoticeDeferred', data: { attempt, code, nextAttemptAt } });
}

/** The pause after so many failed attempts in a row. */
export function retryDelayMs(attempts: number): number {
  return Math.min(RETRY_DELAY_FIRST_MS * RETRY_DELAY_FACTOR ** (attempts - 1), RETRY_DELAY_MAX_MS);
}

function refuse(code: NoticeRefusalCode, message: string): Decision<NoticeEvent> {
  return reject(code, message);
}
