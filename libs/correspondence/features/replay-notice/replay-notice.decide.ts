import { accept, reject, type Decision } from '#kernel';
import type { NoticeEvent } from '../../notice/notice.events.js';
import type { NoticeRefusalCode } from '../../notice/notice.refusals.js';
import type { Notice } from '../../notice/notice.state.js';

export type ReplayNotice = Readonly<Record<string, never>>;

/** A dead letter is tried again, with as many attempts as a new one. */
export function replayNotice(notice: Notice | undefined): Decision<NoticeEvent> {
  if (!notice) return refuse('notice.not-raised', 'there is no such notice');
  if (notice.status !== 'failed') {
    return refuse('notice.not-failed', `is ${notice.status}, not failed`);
  }
  return accept({ type: 'NoticeReplayed', data: {} });
}

function refuse(code: NoticeRefusalCode, message: string): Decision<NoticeEvent> {
  return reject(code, message);
}
