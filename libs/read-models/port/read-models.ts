import type { DomainEvent, Position } from '#kernel';
import type { LeaseTable, Share } from './partitions.js';
import type { Checkpoint, Document, Fold, Projection, Row } from './projection.js';
import type {
  Condition,
  FindQuery,
  Found,
  Group,
  GroupQuery,
  Histogram,
  HistogramQuery,
} from './query.js';

/** One stream as the writer found it (`before`, if it had a row) and as it should be stored. */
export type FoldChange = {
  readonly before: Fold | undefined;
  readonly after: Fold;
};

/** Changes to write and how far the read model has come with them: takes effect as one. */
export type FoldBatch = {
  readonly changes: readonly FoldChange[];
  readonly checkpoint: Checkpoint;
};

/** Where a projector keeps one projection's rows. One writer at a time. */
export interface FoldWriter {
  checkpoint(): Promise<Checkpoint | undefined>;
  /** What is stored of these streams, those without a document included. */
  load(ids: readonly string[]): Promise<ReadonlyMap<string, Fold>>;
  /**
   * Durable with the checkpoint, or not at all; neither a row nor the checkpoint ever goes back
   * behind the position it has, so storing twice is storing once.
   * @throws ReadModelsUnavailable
   */
  store(batch: FoldBatch): Promise<void>;
}

/**
 * A read model that is built from nothing: first filled, each stream once and in order of first
 * position, then completed; only from then on it can be loaded from and stored to.
 */
export interface FoldBuild extends FoldWriter {
  fill(folds: readonly Fold[]): Promise<void>;
  /** Makes the indexes and sets the checkpoint; none when the log is empty. */
  complete(checkpoint: Checkpoint | undefined): Promise<void>;
  /** Forgets what was built. Idempotent; does nothing after a switch. */
  discard(): Promise<void>;
}

/** A read model being built beside the live one, which goes on serving. */
export interface Rebuild extends FoldBuild {
  /**
   * Takes the live one's place in one step; queries see the old or the new, whole. False, and
   * nothing done, when the live one, in any partition, has come further meanwhile: catch up and ask
   * again.
   */
  switchOver(): Promise<boolean>;
}

/** A second fold, kept apart, to hold the live read model against. Changes nothing. */
export interface FoldComparison extends FoldBuild {
  /** Checkpoint of the live read model now. */
  liveCheckpoint(): Promise<Checkpoint | undefined>;
  /**
   * Holds the live read model as it is now for {@link differences}, whatever others write to it:
   * fold up to the checkpoint that this answers. Hold it shortly, a store may grow meanwhile.
   */
  hold(): Promise<Checkpoint | undefined>;
  /** Rows that differ, field by field, in order of id; at most `limit`, with the full count. */
  differences(limit: number): Promise<Differences>;
}

export type Difference = {
  readonly projection: string;
  readonly id: string;
  /** Fields (and fixed columns) whose values differ; empty when one side has no such row. */
  readonly fields: readonly string[];
  /** As seen from the log: the live read model lacks the row, or has one that it should not have. */
  readonly kind: 'changed' | 'missing' | 'surplus';
};

export type Differences = {
  readonly documents: number;
  readonly differing: number;
  readonly first: readonly Difference[];
};

/** What a read model is and how far it has come, without what takes reading all of it. */
export type ReadModelProgress = Omit<ReadModelStatus, 'documents'>;

/**
 * `live`: has the version and the fields the program wants. `stale`: others, to be rebuilt; serves
 * queries whose columns it has, refuses the rest with `read-models.rebuilding`, takes no writes.
 */
export type ReadModelStatus = {
  readonly projection: string;
  readonly version: number;
  readonly condition: 'live' | 'stale' | 'absent';
  readonly checkpoint: Checkpoint | undefined;
  /**
   * How far the partition has come that came furthest; absent where all go together. Told apart from
   * the checkpoint because that hides what a partition took from another log.
   */
  readonly furthest?: Position | undefined;
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

  /** Counts the rows, which takes longer the more there are; see {@link progress}. */
  abstract status(projection: Projection): Promise<ReadModelStatus>;

  /** Takes as long whatever there is. */
  abstract progress(projection: Projection): Promise<ReadModelProgress>;

  /**
   * Waits until the read model has passed a position. False when `timeoutMs` went by first.
   * How a reader sees their own write.
   */
  abstract waitFor(projection: Projection, position: Position, timeoutMs: number): Promise<boolean>;

  /**
   * Rows of the live read model; made when absent. Only for a projector.
   * @throws ReadModelsUnavailable `read-models.rebuilding` when the live one is stale.
   */
  abstract writer(projection: Projection): Promise<FoldWriter>;

  /** Starts a read model beside the live one; what is left of an earlier attempt is cleared away. */
  abstract rebuild(projection: Projection): Promise<Rebuild>;

  /** Drops the live read model, if there is one: it is absent then. Only for a projector. */
  abstract forget(projection: Projection): Promise<void>;

  /**
   * Starts a fold to compare with; works beside a writer.
   * @throws ReadModelsUnavailable `read-models.rebuilding` when the live one is stale or absent.
   */
  abstract comparison(projection: Projection): Promise<FoldComparison>;

  abstract close(): Promise<void>;
}

/**
 * Read models that several projectors write at once, each its share of the streams. Abstract as
 * {@link ReadModels} is; only what serves many processes need be one.
 */
export abstract class SharedReadModels extends ReadModels {
  /** Who folds what, and who is alive. */
  abstract readonly leases: LeaseTable;

  /**
   * Rows of the live read model, to be written for a share only. Its checkpoint is the earliest of
   * its partitions; `store` moves all of them. Making it makes earlier holders' tokens worthless.
   * @throws ReadModelsUnavailable as {@link ReadModels.writer} does; ShareLost, and so does `store`,
   * when somebody holds a newer token: nothing that the newer holder had not written is written.
   * `store` also throws ShareLost once a rebuild of this version has taken the live one's place: make
   * a new writer then, with the same tokens, and go on from its checkpoint.
   */
  abstract sharedWriter(projection: Projection, share: Share): Promise<FoldWriter>;
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

/** The read models were written by a newer version of the product than this one. */
export class ReadModelsFormatUnknown extends Error {
  override readonly name = 'ReadModelsFormatUnknown';
  readonly code = 'read-models.format-unknown';
}
