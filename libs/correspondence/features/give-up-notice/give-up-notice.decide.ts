import { accept, reject, type CommandContext, type Decision } from '#kernel';
import type { NoticeEvent } from '../../notice/notice.events.js';
import type { NoticeRefusalCode } from '../../notice/notice.refusals.js';
import type { Notice } from '../../notice/notice.state.js';
import type { FailureCode } from '../../notice/notice.vocabulary.js';

/** There is nobody to send it to. */
export type GiveUpNotice = { readonly code: FailureCode };

export function giveUpNotice(
  notice: Notice | undefined,
  { code }: GiveUpNotice,
  { now }: CommandContext,
): Decision<NoticeEvent> {
  if (!notice) return refuse('notice.not-raised', 'there is no such notice');
  if (notice.dueAt === undefined) return refuse('notice.settled', `is ${notice.status}`);
  if (notice.dueAt > now) return refuse('notice.not-due', `is due at ${notice.dueAt}`);
  return accept({ type: 'NoticeFailed', data: { code } });
}

function refuse(code: NoticeRefusalCode, message: string): Decision<NoticeEvent> {
  return reject(code, message);
}
