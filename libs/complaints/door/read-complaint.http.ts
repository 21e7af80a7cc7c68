import { EventStore } from '#event-store/port';
import { badParameter, RequestRefused } from '#http';
import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { RecordedComplaintEvent } from '../complaint/complaint.events.js';
import { complaintReader } from '../complaint/complaint.reader.js';
import { replay, type Moment } from '../complaint/complaint.replay.js';
import { viewOf, type ComplaintView } from '../complaint/complaint.view.js';

/** All events of one complaint. */
export class ReadComplaint extends Query<readonly RecordedComplaintEvent[]> {
  constructor(readonly stream: string) {
    super();
  }
}

@QueryHandler(ReadComplaint)
export class ReadComplaintHandler implements IQueryHandler<ReadComplaint> {
  constructor(@Inject(EventStore) private readonly store: EventStore) {}

  async execute({ stream }: ReadComplaint): Promise<readonly RecordedComplaintEvent[]> {
    const stored = await this.store.readStream(stream);
    return stored.map((event) => complaintReader.decode(event));
  }
}

/** The complaint at a moment, or undefined when it was not lodged then. @throws RequestRefused */
export function viewAt(
  events: readonly RecordedComplaintEvent[],
  moment: Moment,
): ComplaintView | undefined {
  // The state after fewer events than asked for would be a silent lie.
  if (events.length > 0 && moment.event !== undefined && moment.event > events.length) {
    throw badParameter('event', `is ${moment.event}, but there are ${events.length} events`);
  }
  const replayed = replay(events, moment);
  return replayed.kind === 'complaint' ? viewOf(replayed.complaint) : undefined;
}

export function notLodged(then = false): RequestRefused {
  const detail = then ? 'not lodged at that moment' : 'there is no such complaint';
  return new RequestRefused('complaint.not-lodged', detail);
}
