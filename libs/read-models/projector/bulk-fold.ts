import { setImmediate as turn } from 'node:timers/promises';
import { comparePositions, type Position, type StoredEvent } from '#kernel';
import { READ_COUNT_MAX, type EventStore } from '#event-store/port';
import type { Checkpoint, Document, Fold, FoldBuild } from '#read-models/port';
import type { ReportProgress } from './progress.js';
import { decoded, evolved, isOfKind, type ProjectionSource } from './projection-source.js';

/** Streams that are held in memory while their next events may come. */
export const STREAMS_HELD_MAX = 4_096;
const STREAM_READS_IN_FLIGHT_MAX = 64;
const PAGE_SIZE = 2_000;

/** A projection with the new table that it fills. */
export type Filling = { readonly source: ProjectionSource; readonly build: FoldBuild };

/** One stream of which events are folded, for all the projections that fold it. */
type HeldStream = {
  readonly id: string;
  readonly firstPosition: Position;
  readonly fillings: readonly Filling[];
  readonly documents: (Document | undefined)[];
  revision: number;
  position: Position;
};

export type BulkOptions = {
  readonly to: Position;
  readonly progress?: ReportProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  /** {@link STREAMS_HELD_MAX} unless told; half of them are finished and written together. */
  readonly streamsHeldMax?: number;
  readonly pageSize?: number;
};

/**
 * Folds a log from its beginning into new tables, writing each row once. A stream is held from its
 * first event on; when too many are held, the oldest are finished by reading the rest of their
 * streams, so that nothing ever has to be found again by id. Memory does not grow with the log.
 */
export class BulkFold {
  private readonly held = new Map<string, HeldStream>();
  private eventsSeen = 0;
  /** Events that belong to some projection: met in the log's order, and folded. */
  private eventsMet = 0;
  private eventsFolded = 0;
  private gaps = 0;

  constructor(
    private readonly eventStore: EventStore,
    private readonly fillings: readonly Filling[],
    private readonly options: BulkOptions,
  ) {}

  /** @throws ProjectionStopped, ReadModelsUnavailable, StoreUnavailable; the signal's reason. */
  async run(): Promise<Checkpoint> {
    const {
      to,
      progress,
      signal,
      streamsHeldMax = STREAMS_HELD_MAX,
      pageSize = PAGE_SIZE,
    } = this.options;
    // Only for whoever watches: on servers counting may be reading.
    const eventsTotal = progress ? await this.eventStore.countUpTo(to) : 0;
    for await (const page of this.eventStore.readAll({ to, pageSize })) {
      signal?.throwIfAborted();
      for (const stored of page) this.meet(stored);
      while (this.held.size > streamsHeldMax) await this.finish(Math.ceil(streamsHeldMax / 2));
      progress?.({ phase: 'folding', events: this.eventsSeen, eventsTotal });
      // Reading and writing may never leave the turn: timers and sockets want theirs.
      await turn();
    }
    await this.finish(this.held.size);
    // Both counts are of the same events. Where they differ, one way of reading has left some out.
    const unequal = Math.abs(this.eventsMet - this.eventsFolded);
    return { position: to, eventsSeen: this.eventsSeen, eventsMissing: this.gaps + unequal };
  }

  private meet(stored: StoredEvent): void {
    this.eventsSeen += 1;
    const held = this.held.get(stored.stream);
    if (held) {
      this.eventsMet += 1;
      this.fold(held, stored);
      return;
    }
    const fillings = this.fillingsOf(stored.stream);
    if (fillings.length === 0) return;
    this.eventsMet += 1;
    // A later event of a stream that is not held: it was finished, this event included.
    if (stored.revision > 0) return;
    const fresh: HeldStream = {
      id: stored.stream,
      firstPosition: stored.position,
      fillings,
      documents: [],
      revision: -1,
      position: stored.position,
    };
    this.held.set(stored.stream, fresh);
    this.fold(fresh, stored);
  }

  private fillingsOf(stream: string): readonly Filling[] {
    const all = this.fillings.every(({ source }) => isOfKind(stream, source.projection.streamKind));
    if (all) return this.fillings;
    return this.fillings.filter(({ source }) => isOfKind(stream, source.projection.streamKind));
  }

  private fold(held: HeldStream, stored: StoredEvent): void {
    this.eventsFolded += 1;
    this.gaps += stored.revision - held.revision - 1;
    held.revision = stored.revision;
    held.position = stored.position;
    let decode: ProjectionSource['decode'] | undefined;
    let event: ReturnType<ProjectionSource['decode']> | undefined;
    held.fillings.forEach(({ source }, i) => {
      if (event === undefined || decode !== source.decode) event = decoded(stored, source.decode);
      decode = source.decode;
      held.documents[i] = evolved(source, held.documents[i], { stored, event });
    });
  }

  /** Takes the oldest streams to their end and writes them, in order of their first events. */
  private async finish(count: number): Promise<void> {
    const oldest = [...this.held.values()].slice(0, count);
    for (let next = 0; next < oldest.length; next += STREAM_READS_IN_FLIGHT_MAX) {
      const some = oldest.slice(next, next + STREAM_READS_IN_FLIGHT_MAX);
      await Promise.all(some.map((held) => this.readRest(held)));
    }
    for (const { id } of oldest) this.held.delete(id);
    for (const filling of this.fillings) {
      const folds = oldest.flatMap((held) => foldOf(held, filling));
      if (folds.length > 0) await filling.build.fill(folds);
    }
  }

  private async readRest(held: HeldStream): Promise<void> {
    for (;;) {
      const rest = await this.eventStore.readStream(held.id, {
        from: held.revision + 1,
        limit: READ_COUNT_MAX,
      });
      for (const stored of rest) {
        if (comparePositions(stored.position, this.options.to) > 0) return;
        this.fold(held, stored);
      }
      if (rest.length < READ_COUNT_MAX) return;
    }
  }
}

function foldOf(held: HeldStream, filling: Filling): readonly Fold[] {
  const i = held.fillings.indexOf(filling);
  if (i < 0) return [];
  const { id, revision, position, firstPosition, documents } = held;
  return [{ id, revision, position, firstPosition, document: documents[i] }];
}
