import type { EventStore } from '#event-store/port';
import type { Position } from '#kernel';
import type { Checkpoint, ReadModelProgress } from '#read-models/port';
import { isOfAnotherLog } from '#read-models/projector';
import type { Stores } from '#wiring';

/** Events that are read to count them where a log keeps no count of its own. */
export const LAG_COUNTED_MAX = 100_000;

export type Lag = {
  /** Events of the log that a read model has yet to see. */
  readonly lag: number;
  /** It is behind by at least so many: nobody counted on. */
  readonly isAtLeast?: true;
  /** It has passed events that this log does not hold: it is of another log, or of a longer copy. */
  readonly isAhead?: true;
  /** Events of the log. */
  readonly events: number;
};

/** What `doctor` says of one read model. */
export function verdictOn(
  { condition, checkpoint }: Pick<ReadModelProgress, 'condition' | 'checkpoint'>,
  { lag, isAtLeast, isAhead }: Lag,
): { readonly ok: boolean; readonly detail: string } {
  if (isAhead) {
    const detail = `${condition}, but ahead of the log: of another one, or of a longer copy; \`redress rebuild\` folds it anew`;
    return { ok: false, detail };
  }
  const missing = checkpoint?.eventsMissing ?? 0;
  return {
    ok: missing === 0 && condition === 'live',
    detail: `${condition}, ${lag}${isAtLeast ? ' or more' : ''} events behind, ${missing} missing`,
  };
}

/**
 * How far a read model is behind the log. Servers keep no count of all events, so that there what
 * lies after the checkpoint is read, up to {@link LAG_COUNTED_MAX} events.
 */
export async function lagOf(
  { eventStore, probes }: Pick<Stores, 'eventStore' | 'probes'>,
  progress: Pick<ReadModelProgress, 'checkpoint' | 'furthest'>,
): Promise<Lag> {
  const { checkpoint } = progress;
  // Read after the checkpoint, so that a read model that follows is never taken to be ahead.
  const head = await eventStore.head();
  const isAhead = await isOfAnotherLog(eventStore, progress);
  if (isAhead) return { ...(await eventsOf({ eventStore, probes }, head)), lag: 0, isAhead };
  if (probes.length > 0) return countAfter(eventStore, checkpoint);
  const { events } = await eventsOf({ eventStore, probes }, head);
  return { lag: events - (checkpoint?.eventsSeen ?? 0), events };
}

/** Of the whole log; where that keeps no count, up to {@link LAG_COUNTED_MAX}. */
async function eventsOf(
  { eventStore, probes }: Pick<Stores, 'eventStore' | 'probes'>,
  head: Position | undefined,
): Promise<Pick<Lag, 'events' | 'isAtLeast'>> {
  if (head === undefined) return { events: 0 };
  if (probes.length === 0) return { events: await eventStore.countUpTo(head) };
  const { events, isAtLeast } = await countAfter(eventStore, undefined);
  return { events, ...(isAtLeast ? { isAtLeast } : {}) };
}

async function countAfter(
  eventStore: EventStore,
  checkpoint: Checkpoint | undefined,
): Promise<Lag> {
  const seen = checkpoint?.eventsSeen ?? 0;
  let lag = 0;
  const range = checkpoint === undefined ? {} : { after: checkpoint.position };
  for await (const page of eventStore.readAll(range)) {
    lag += page.length;
    if (lag >= LAG_COUNTED_MAX) return { lag, isAtLeast: true, events: seen + lag };
  }
  return { lag, events: seen + lag };
}
