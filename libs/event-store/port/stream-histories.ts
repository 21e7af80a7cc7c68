import type { DomainEvent, Recorded } from '#kernel';

/** A stream as far as it was read: its events in order, and what they fold to. */
export type History<State, Event extends DomainEvent> = {
  readonly events: readonly Recorded<Event>[];
  readonly state: State;
};

/** Events that are remembered over all streams: about 30 MB. */
export const EVENTS_REMEMBERED_MAX = 20_000;

/**
 * Streams that were read lately, so that the next command reads and folds only what has come since.
 * Never the truth: events are only ever appended, and the store is asked for the rest each time.
 */
export class StreamHistories<State, Event extends DomainEvent> {
  readonly #histories = new Map<string, History<State, Event>>();
  #eventCount = 0;

  constructor(private readonly eventsMax: number = EVENTS_REMEMBERED_MAX) {}

  get(stream: string): History<State, Event> | undefined {
    return this.#histories.get(stream);
  }

  /** Remembers a stream as the latest used; forgets the ones not used for longest. */
  remember(stream: string, history: History<State, Event>): void {
    this.#forget(stream);
    this.#histories.set(stream, history);
    this.#eventCount += history.events.length;
    for (const oldest of this.#histories.keys()) {
      if (this.#eventCount <= this.eventsMax) return;
      this.#forget(oldest);
    }
  }

  #forget(stream: string): void {
    const history = this.#histories.get(stream);
    if (!history) return;
    this.#histories.delete(stream);
    this.#eventCount -= history.events.length;
  }
}
