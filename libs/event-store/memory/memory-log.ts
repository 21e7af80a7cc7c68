import type { StoredEvent } from '#kernel';
import type { Mark, StreamView } from '#event-store/port';
import { Arrivals } from '#event-store/port';

/** What outlives a {@link MemoryEventStore}, as a file outlives its process. Several may share it. */
export class MemoryLog {
  readonly arrivals = new Arrivals();
  readonly #all: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly marks = new Map<string, Mark>();

  get all(): readonly StoredEvent[] {
    return this.#all;
  }

  stream(name: string): readonly StoredEvent[] {
    return this.#streams.get(name) ?? [];
  }

  add(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#all.push(event);
      const stream = this.#streams.get(event.stream);
      if (stream) stream.push(event);
      else this.#streams.set(event.stream, [event]);
    }
  }

  view(name: string): StreamView {
    const events = this.stream(name);
    return {
      lastRevision: events.at(-1)?.revision,
      idAt: (revision) => events[revision]?.id,
      revisionOf: (id) => events.findLast((event) => event.id === id)?.revision,
    };
  }
}
