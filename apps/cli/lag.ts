import type { EventStore } from '#event-store/port';
import type { Checkpoint, ReadModelProgress } from '#read-models/port';
import type { Stores } from '#wiring';

/** Events that are read to count them where a log keeps no count of its own. */
export const LAG_COUNTED_MAX = 100_000;

export type Lag = {
  /** Events of the log that a read model has yet to see. */
  readonly lag: number;
  /** It is behind by at least so many: nobody counted on. */
  readonly isAtLeast?: true;
  /** Events of the log. */
  readonly events: number;
};

/**
 * How far a read model is behind the log. Servers keep no count of all events, so that there what
 * lies after the checkpoint is read, up to {@link LAG_COUNTED_MAX} events.
 */
export async function lagOf(
  { eventStore, probes }: Pick<Stores, 'eventStore' | 'probes'>,
  { checkpoint }: Pick<ReadModelProgress, 'checkpoint'>,
): Promise<Lag> {
  const seen = checkpoint?.eventsSeen ?? 0;
  if (probes.length > 0) return countAfter(eventStore, checkpoint);
  const head = await eventStore.head();
  const events = head === undefined ? 0 : await eventStore.countUpTo(head);
  return { lag: events - seen, events };
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
