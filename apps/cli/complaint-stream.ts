import type { EventStore } from '#event-store/port';
import {
  decodeComplaintEvent,
  findComplaintId,
  type RecordedComplaintEvent,
} from '#complaints/contract';
import { UsageError } from './exit-status.js';

/** All events, oldest first, of the complaint that a reference, an id or a stream's name means. */
export async function readComplaint(
  eventStore: EventStore,
  text: string,
): Promise<readonly RecordedComplaintEvent[]> {
  const stream = findComplaintId(text);
  if (stream === undefined) {
    const example = 'C-26-7F3K-9QXM-Q';
    throw new UsageError(
      'reference.malformed',
      `"${text}" is neither a reference such as ${example} (check each character) nor an id`,
    );
  }
  const stored = await eventStore.readStream(stream);
  if (stored.length === 0) {
    throw new UsageError('complaint.not-lodged', `there is no complaint ${text} in this store`);
  }
  return stored.map(decodeComplaintEvent);
}

/** The state after fewer events than asked for would be a silent lie. @throws UsageError */
export function refuseBeyond(
  reference: string,
  events: readonly RecordedComplaintEvent[],
  event: number | undefined,
): void {
  if (event === undefined || event <= events.length) return;
  throw new UsageError(
    'usage.no-such-event',
    `${reference} has ${events.length} events, so that there is no event ${event}`,
  );
}
