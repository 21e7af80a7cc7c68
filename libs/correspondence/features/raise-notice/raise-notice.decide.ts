import { accept, type Decision } from '#kernel';
import type { NoticeEvent, NoticeRaised } from '../../notice/notice.events.js';
import type { Notice } from '../../notice/notice.state.js';

export type RaiseNotice = NoticeRaised['data'];

/** A stream is of one cause, so that a notice that is there already is this very one. */
export function raiseNotice(
  notice: Notice | undefined,
  command: RaiseNotice,
): Decision<NoticeEvent> {
  return notice ? accept() : accept({ type: 'NoticeRaised', data: command });
}
