import type { EventStore } from '#event-store/port';
import { eventIdOf, type Position, type StoredEvent } from '#kernel';
import type { Acknowledged, Sent } from './servers-load.js';

export type Testimony = {
  /** Events of the log that name the load's actor, in order of position. */
  readonly log: readonly StoredEvent[];
  readonly sent: readonly Sent[];
  readonly acknowledged: readonly Acknowledged[];
};

export type Verdict = {
  /** Acknowledged, and not where it was said to be. */
  readonly lost: readonly string[];
  /** Written more than once, by event id or by command. */
  readonly doubled: readonly string[];
  /** In the log, and sent by nobody. */
  readonly foreign: readonly string[];
  /** A revision that is skipped, or out of the order of positions. */
  readonly disordered: readonly string[];
};

export const NO_FAULT: Verdict = { lost: [], doubled: [], foreign: [], disordered: [] };

/** The events after a position that an actor of a load caused. */
export async function eventsOf(
  eventStore: EventStore,
  actorId: string,
  after: Position | undefined,
): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of eventStore.readAll(after === undefined ? {} : { after })) {
    events.push(...page.filter(({ metadata }) => metadata.includes(`"id":"${actorId}"`)));
  }
  return events;
}

/** Holds what clients were told against what the log says. */
export function judge({ log, sent, acknowledged }: Testimony): Verdict {
  const streamOfEventId = new Map(
    sent.map(({ commandId, stream }) => [eventIdOf(commandId, 0), stream]),
  );
  const places = new Map<string, StoredEvent>();
  const heads = new Map<string, number>();
  const doubled: string[] = [];
  const foreign: string[] = [];
  const disordered: string[] = [];
  for (const event of log) {
    const { id, stream, revision } = event;
    if (places.has(id)) doubled.push(`${id} at ${stream} ${revision}`);
    if (streamOfEventId.get(id) !== stream) foreign.push(`${id} at ${stream} ${revision}`);
    if (revision !== (heads.get(stream) ?? -1) + 1) disordered.push(`${stream} ${revision}`);
    heads.set(stream, revision);
    places.set(id, event);
  }
  const lost = acknowledged.flatMap(({ commandId, stream, revision, position }) => {
    const stored = places.get(eventIdOf(commandId, 0));
    const isThere =
      stored?.stream === stream && stored.revision === revision && stored.position === position;
    const found = stored ? `${stored.stream} ${stored.revision} ${stored.position}` : 'nowhere';
    return isThere ? [] : [`${commandId} at ${stream} ${revision} ${position}, is ${found}`];
  });
  return { lost, doubled, foreign, disordered };
}
