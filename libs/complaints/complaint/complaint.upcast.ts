import { upcastEvent, type EventShapes, type StoredEvent, type Upcast } from '#kernel';
import type { ComplaintEvent, ComplaintEventType } from './complaint.events.js';
import { EVENT_SCHEMAS } from './complaint.schema.js';

/**
 * Nothing has changed its shape yet; when something does, its case goes here and its old fixture
 * stays.
 */
const SHAPES: EventShapes<ComplaintEventType> = { schemas: EVENT_SCHEMAS, upcasters: {} };

/** The one door where stored bytes become complaint events of today's shape. */
export function upcastComplaintEvent(stored: StoredEvent): Upcast<ComplaintEvent> {
  return upcastEvent(SHAPES, stored);
}
