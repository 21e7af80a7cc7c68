import { EventUndecodable } from '#complaints/contract';
import type { StreamReader } from '#event-store/port';
import { uuidV5, type Recorded, type StoredEvent } from '#kernel';
import { NOTICE_STREAM_KIND, type NoticeEvent } from './notice.events.js';
import { NOTICE_EVENT_SCHEMAS } from './notice.schema.js';
import { evolveNotice, type Notice } from './notice.state.js';
import { upcastNoticeEvent } from './notice.upcast.js';

/** @throws EventUndecodable */
export function decodeNoticeEvent(stored: StoredEvent): Recorded<NoticeEvent> {
  const upcast = upcastNoticeEvent(stored);
  if (upcast.kind === 'undecodable') throw new EventUndecodable(upcast.code, upcast.message);
  return upcast.event;
}

/** How `transact` reads the stream of a notice. */
export const noticeReader: StreamReader<Notice | undefined, NoticeEvent> = {
  decode: decodeNoticeEvent,
  initial: undefined,
  evolve: evolveNotice,
  schemaVersionOf: (type) => NOTICE_EVENT_SCHEMAS[type].schemaVersion,
};

/** The id of the one notice that an event can cause: the same whoever derives it, and when. */
export function noticeIdOf(causeId: string): string {
  return uuidV5(causeId, NOTICE_STREAM_KIND);
}

export function streamOfNotice(noticeId: string): string {
  return `${NOTICE_STREAM_KIND}-${noticeId}`;
}

/** The notice's id from its stream's name. */
export function noticeOfStream(stream: string): string {
  return stream.slice(NOTICE_STREAM_KIND.length + 1);
}
