import type { EventStore } from '#event-store/port';
import type { Position } from '#kernel';
import type { Projection, ReadModels } from '#read-models/port';

type Seen = { reached: Position | undefined; awaited: Position | undefined };

/**
 * How far a read model has surely come, without counting its rows: the last head of the log that
 * was found passed. Under constant writing it lags by about one request.
 */
export class Freshness {
  readonly #seen = new Map<string, Seen>();

  constructor(
    private readonly store: EventStore,
    private readonly readModels: ReadModels,
  ) {}

  /** A position that the read model has passed; undefined as long as none is known. */
  async positionOf(projection: Projection): Promise<Position | undefined> {
    const seen = this.#seen.get(projection.name) ?? { reached: undefined, awaited: undefined };
    this.#seen.set(projection.name, seen);
    const { awaited } = seen;
    if (awaited !== undefined && (await this.readModels.waitFor(projection, awaited, 0))) {
      seen.reached = awaited;
    }
    const head = await this.store.head();
    if (head === undefined || head === seen.reached) return seen.reached;
    if (await this.readModels.waitFor(projection, head, 0)) seen.reached = head;
    else seen.awaited = head;
    return seen.reached;
  }
}
