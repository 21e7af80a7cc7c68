import { comparePositions, type Position } from '#kernel';
import { PositionUnknown } from './errors.js';
import type { EventStore } from './event-store.js';

/**
 * Whether an event of this log has a position. What was derived from a log that was since replaced by
 * another, or by an older copy of itself, holds positions that have none. @throws StoreUnavailable
 */
export async function holdsPosition(eventStore: EventStore, position: Position): Promise<boolean> {
  const head = await eventStore.head();
  if (head === undefined || comparePositions(position, head) > 0) return false;
  if (position === head) return true;
  try {
    const pages = eventStore.readAll({ from: position, to: position, pageSize: 1 });
    for await (const [first] of pages) return first?.position === position;
    return false;
  } catch (error) {
    if (error instanceof PositionUnknown) return false;
    throw error;
  }
}
