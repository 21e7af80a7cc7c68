import { comparePositions } from '#kernel';
import type { EventStore } from '#event-store/port';
import type { Projection, ReadModelProgress, ReadModels } from '#read-models/port';

export type ProjectionStatus = ReadModelProgress & {
  /** Events of the log that it has not passed yet. */
  readonly lagEvents: number;
  /** Events it has passed without seeing them. 0, or a bug. */
  readonly eventsMissing: number;
};

/** A read model held against the log. */
export async function statusOf(
  eventStore: EventStore,
  readModels: ReadModels,
  projection: Projection,
): Promise<ProjectionStatus> {
  const status = await readModels.progress(projection);
  const { checkpoint } = status;
  // Read after the checkpoint, so that the log is never behind a read model that follows it.
  const head = await eventStore.head();
  const total = head === undefined ? 0 : await eventStore.countUpTo(head);
  if (!checkpoint) return { ...status, lagEvents: total, eventsMissing: 0 };
  const passed = await eventStore.countUpTo(checkpoint.position);
  const unseen = Math.max(0, passed - checkpoint.eventsSeen);
  return {
    ...status,
    lagEvents: Math.max(0, total - passed),
    eventsMissing: Math.max(checkpoint.eventsMissing, unseen),
  };
}

/** Rows of events that this log does not have: it is another log, or an older copy of this one. */
export async function isAheadOfLog(
  eventStore: EventStore,
  { checkpoint }: ReadModelProgress,
): Promise<boolean> {
  if (!checkpoint) return false;
  const head = await eventStore.head();
  return head === undefined || comparePositions(checkpoint.position, head) > 0;
}
