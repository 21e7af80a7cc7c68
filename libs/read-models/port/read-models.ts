import type { DomainEvent, Position } from '#kernel';
import type { Checkpoint, Document, Projection, Row } from './projection.js';
import type {
  Condition,
  FindQuery,
  Found,
  Group,
  GroupQuery,
  Histogram,
  HistogramQuery,
} from './query.js';

/** Rows to write and how far the read model has come with them: takes effect as one. */
export type RowBatch = {
  readonly rows: readonly Row[];
  readonly checkpoint: Checkpoint;
};

/** Where a projector keeps one projection's rows. One writer at a time. */
export interface RowWriter {
  checkpoint(): Promise<Checkpoint | undefined>;
  load(ids: readonly string[]): Promise<ReadonlyMap<string, Row>>;
  /**
   * Durable with the checkpoint, or not at all; a row never goes back behind the position it has.
   * @throws ReadModelsUnavailable
   */
  store(batch: RowBatch): Promise<void>;
}

/** A read model being built beside the live one. */
export interface Rebuild extends RowWriter {
  /** Makes indexes, then takes the live one's place in one step. Queries see the old or the new. */
  switchOver(): Promise<void>;
  /** Forgets what was built. */
  discard(): Promise<void>;
  /**
   * Rows that differ, in order of id, between what was built and the live read model as it was
   * when this rebuild began (`liveCheckpoint`); at most `limit`, with the full count.
   */
  differences(limit: number): Promise<Differences>;
  /** The live read model's checkpoint when this rebuild began: fold up to here to compare. */
  readonly liveCheckpoint: Checkpoint | undefined;
}

export type Difference = {
  readonly projection: string;
  readonly id: string;
  /** Fields whose values differ; empty when one side has no such row. */
  readonly fields: readonly string[];
  readonly kind: 'changed' | 'missing' | 'surplus';
};

export type Differences = {
  readonly documents: number;
  readonly differing: number;
  readonly first: readonly Difference[];
};

/** `live`: has the version the program wants. `stale`: an older one, to be rebuilt. */
export type ReadModelStatus = {
  readonly projection: string;
  readonly version: number;
  readonly condition: 'live' | 'stale' | 'absent';
  readonly checkpoint: Checkpoint | undefined;
  readonly documents: number;
};

/**
 * Read models: one plain table or collection a projection, queried by declared fields only.
 * Everything in it can be thrown away and folded from the log again.
 */
export abstract class ReadModels {
  /** @throws QueryRefused, ReadModelsUnavailable; so do all queries below. */
  abstract get<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    id: string,
  ): Promise<Row<Doc> | undefined>;

  abstract find<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    query: FindQuery,
  ): Promise<Found<Row<Doc>>>;

  /** `where` may name fields declared `filter` or `group`. */
  abstract count(projection: Projection, where: readonly Condition[]): Promise<number>;

  abstract group(projection: Projection, query: GroupQuery): Promise<readonly Group[]>;

  abstract histogram(projection: Projection, query: HistogramQuery): Promise<Histogram>;

  abstract status(projection: Projection): Promise<ReadModelStatus>;

  /**
   * Waits until the read model has passed a position. False when `timeoutMs` went by first.
   * How a reader sees their own write.
   */
  abstract waitFor(projection: Projection, position: Position, timeoutMs: number): Promise<boolean>;

  /** Rows of the live read model; made when absent. Only for a projector. */
  abstract writer(projection: Projection): Promise<RowWriter>;

  /** Starts a read model beside the live one, which goes on serving. Only for a projector. */
  abstract rebuild(projection: Projection): Promise<Rebuild>;

  abstract close(): Promise<void>;
}

/** The read models cannot be reached, or the wanted one is not built yet. May be tried again. */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';

  constructor(
    readonly code: 'read-models.unavailable' | 'read-models.rebuilding',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
