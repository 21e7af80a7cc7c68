import { accept, reject, type CommandContext, type Decision } from '#kernel';
import type { NoticeEvent } from '../../notice/notice.events.js';
import type { NoticeRefusalCode } from '../../notice/notice.refusals.js';
import { later, type Notice } from '../../notice/notice.state.js';

export type AttemptDelivery = {
  /** For how long nobody else may take it. */
  readonly timeoutMs: number;
};

/** Whoever gets this recorded may send; whoever comes second is refused by the stream's revision. */
export function attemptDelivery(
  notice: Notice | undefined,
  { timeoutMs }: AttemptDelivery,
  { now }: CommandContext,
): Decision<NoticeEvent> {
  if (!notice) return refuse('notice.not-raised', 'there is no such notice');
  if (notice.dueAt === undefined) return refuse('notice.settled', `is ${notice.status}`);
  if (notice.dueAt > now) return refuse('notice.not-due', `is due at ${notice.dueAt}`);
  return accept({
    type: 'NoticeAttempted',
    data: { attempt: notice.attempts + 1, abandonedAt: later(now, timeoutMs) },
  });
}

function refuse(code: NoticeRefusalCode, message: string): Decision<NoticeEvent> {
  return reject(code, message);
}
