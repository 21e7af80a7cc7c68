import {
  EventStore,
  type Appended,
  type ExpectedMark,
  type ExpectedRevision,
  type FollowedPage,
  type FollowOptions,
  type Mark,
  type ReadAllOptions,
  type ReadStreamOptions,
} from '#event-store/port';
import type { CanonicalJson, NewEvent, Position, StoredEvent } from '#kernel';

/**
 * A store that does one thing after another, in the order in which it was asked. What is under way
 * at once comes back in an order that servers and chance decide; with the order of coming back go
 * the salts of events and their order in the log, which must be the same where bytes are compared.
 */
export class EventStoreInTurn extends EventStore {
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: EventStore) {
    super();
  }

  override append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    return this.#inTurn(() => this.store.append(stream, expected, events));
  }

  override readStream(
    stream: string,
    options?: ReadStreamOptions,
  ): Promise<readonly StoredEvent[]> {
    return this.#inTurn(() => this.store.readStream(stream, options));
  }

  override readAll(options?: ReadAllOptions): AsyncIterable<readonly StoredEvent[]> {
    return this.store.readAll(options);
  }

  override follow(options: FollowOptions): AsyncIterable<FollowedPage> {
    return this.store.follow(options);
  }

  override head(): Promise<Position | undefined> {
    return this.store.head();
  }

  override countUpTo(position: Position): Promise<number> {
    return this.store.countUpTo(position);
  }

  override readMark(name: string): Promise<Mark | undefined> {
    return this.store.readMark(name);
  }

  override writeMark(name: string, value: CanonicalJson, expected: ExpectedMark): Promise<number> {
    return this.#inTurn(() => this.store.writeMark(name, value, expected));
  }

  override async close(): Promise<void> {
    await this.#last;
    await this.store.close();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    // A fault is told to who asked; the next one in the queue takes its turn all the same.
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
