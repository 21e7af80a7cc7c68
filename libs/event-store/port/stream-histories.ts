import type { DomainEvent, Recorded } from '#kernel';

/** A stream as far as it was read: its events in order, and what they fold to. */
export type History<State, Event extends DomainEvent> = {
  readonly events: readonly Recorded<Event>[];
  readonly state: State;
  /** Characters of the events' stored data and metadata. */
  readonly size: number;
};

/** Stored characters that are remembered over all streams; what is made of them takes a few times that. */
export const SIZE_REMEMBERED_MAX = 10_000_000;

/**
 * Streams that were read lately, so that the next command reads and folds only what has come since.
 * Never the truth: events are only ever appended, and the store is asked for the rest each time.
 */
export class StreamHistories<State, Event extends DomainEvent> {
  /** The latest used last. */
  readonly #histories = new Map<string, History<State, Event>>();
  #size = 0;

  constructor(private readonly sizeMax: number = SIZE_REMEMBERED_MAX) {}

  get(stream: string): History<State, Event> | undefined {
    const history = this.#histories.get(stream);
    if (!history) return undefined;
    this.#histories.delete(stream);
    this.#histories.set(stream, history);
    return history;
  }

  /** Remembers a stream as the latest used; forgets the ones not used for longest. */
  remember(stream: string, history: History<State, Event>): void {
    this.#forget(stream);
    this.#histories.set(stream, history);
    this.#size += history.size;
    for (const oldest of this.#histories.keys()) {
      if (this.#size <= this.sizeMax) return;
      this.#forget(oldest);
    }
  }

  #forget(stream: string): void {
    const history = this.#histories.get(stream);
    if (!history) return;
    this.#histories.delete(stream);
    this.#size -= history.size;
  }
}
