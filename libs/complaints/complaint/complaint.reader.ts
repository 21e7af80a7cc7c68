import type { Recorded, StoredEvent, Upcast } from '#kernel';
import type { StreamReader } from '#event-store/port';
import type { ComplaintEvent } from './complaint.events.js';
import { EVENT_SCHEMAS } from './complaint.schema.js';
import { evolve, type Complaint } from './complaint.state.js';
import { upcastComplaintEvent } from './complaint.upcast.js';

/** The log holds an event of a complaint that this program cannot read; a newer one can. */
export class EventUndecodable extends Error {
  override readonly name = 'EventUndecodable';

  constructor(
    readonly code: Extract<Upcast<ComplaintEvent>, { readonly kind: 'undecodable' }>['code'],
    message: string,
  ) {
    super(message);
  }
}

/** @throws EventUndecodable */
export function decodeComplaintEvent(stored: StoredEvent): Recorded<ComplaintEvent> {
  const upcast = upcastComplaintEvent(stored);
  if (upcast.kind === 'undecodable') throw new EventUndecodable(upcast.code, upcast.message);
  return upcast.event;
}

/** How `transact` reads the stream of a complaint. */
export const complaintReader: StreamReader<Complaint | undefined, ComplaintEvent> = {
  decode: decodeComplaintEvent,
  initial: undefined,
  evolve,
  schemaVersionOf: (type) => EVENT_SCHEMAS[type].schemaVersion,
};
