import type { Position } from '#kernel';
import { holdsPosition, type EventStore } from '#event-store/port';
import type { Projection, ReadModelProgress, ReadModels } from '#read-models/port';

export type ProjectionStatus = ReadModelProgress & {
  /** Events of the log that it has not passed yet. */
  readonly lagEvents: number;
  /** Events it has passed without seeing them. 0, or a bug. */
  readonly eventsMissing: number;
};

/** Counts of a log up to some positions, each asked for once: on servers counting may be reading. */
export class LogCounts {
  private readonly counted = new Map<Position, Promise<number>>();

  constructor(private readonly eventStore: EventStore) {}

  upTo(position: Position): Promise<number> {
    const known = this.counted.get(position);
    if (known) return known;
    const count = this.eventStore.countUpTo(position);
    this.counted.set(position, count);
    return count;
  }
}

/** A read model held against the log. */
export async function statusOf(
  eventStore: EventStore,
  readModels: ReadModels,
  projection: Projection,
  counts = new LogCounts(eventStore),
): Promise<ProjectionStatus> {
  const status = await readModels.progress(projection);
  const { checkpoint } = status;
  // Read after the checkpoint, so that the log is never behind a read model that follows it.
  const head = await eventStore.head();
  const total = head === undefined ? 0 : await counts.upTo(head);
  if (!checkpoint) return { ...status, lagEvents: total, eventsMissing: 0 };
  const passed = await counts.upTo(checkpoint.position);
  const unseen = Math.max(0, passed - checkpoint.eventsSeen);
  return {
    ...status,
    lagEvents: Math.max(0, total - passed),
    eventsMissing: Math.max(checkpoint.eventsMissing, unseen),
  };
}

/**
 * Rows of events that this log does not have: they are of another log, or of a longer copy of this
 * one. One partition that came from there is enough.
 */
export async function isOfAnotherLog(
  eventStore: EventStore,
  { checkpoint, furthest }: Pick<ReadModelProgress, 'checkpoint' | 'furthest'>,
  holds = (position: Position) => holdsPosition(eventStore, position),
): Promise<boolean> {
  const positions = [...new Set([checkpoint?.position, furthest])];
  const held = await Promise.all(positions.flatMap((one) => (one === undefined ? [] : holds(one))));
  return held.includes(false);
}
