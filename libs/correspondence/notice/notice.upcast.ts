import { upcastEvent, type EventShapes, type StoredEvent, type Upcast } from '#kernel';
import type { NoticeEvent, NoticeEventType } from './notice.events.js';
import { NOTICE_EVENT_SCHEMAS } from './notice.schema.js';

/** Nothing has changed its shape yet; when something does, its case goes here. */
const SHAPES: EventShapes<NoticeEventType> = { schemas: NOTICE_EVENT_SCHEMAS, upcasters: {} };

/** The one door where stored bytes become notice events of today's shape. */
export function upcastNoticeEvent(stored: StoredEvent): Upcast<NoticeEvent> {
  return upcastEvent(SHAPES, stored);
}
