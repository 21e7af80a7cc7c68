import type { ObjectId } from 'mongodb';
import { comparePositions, type Position } from '#kernel';
import {
  ShareLost,
  type Checkpoint,
  type Fold,
  type FoldBatch,
  type FoldWriter,
  type Share,
} from '#read-models/port';
import { rebuilding, unavailable } from './faults.js';
import { putRows } from './guarded-rows.js';
import { earliestOf, isLost, partitionsOf, type ModelRecord } from './model-record.js';
import { RowCodec, type StoredRow } from './row-codec.js';
import type { WriteTarget } from './targets.js';

/** Times that a batch or a look-up is begun again because of a switch meanwhile. */
const ATTEMPTS_MAX = 10;
const IDS_AT_ONCE_MAX = 5_000;

/**
 * Writes rows first and the checkpoint after them, each guarded so that it only goes forward. What a
 * crash leaves between the two is written again, to no effect: a row is the fold of its stream up
 * to its position, whoever writes it. For the same reason writers with and without a share, or with
 * a lost one, do each other no harm; tokens make sure that who lost a share stops.
 */
export class MongoWriter implements FoldWriter {
  private held: ObjectId | undefined;
  /** How far the projector believes to have come: never may it go on from less than that. */
  private reached: Position | undefined;
  private known: { readonly generation: ObjectId; readonly codec: RowCodec } | undefined;

  constructor(
    protected readonly target: WriteTarget,
    private readonly share: Share | undefined,
  ) {}

  async checkpoint(): Promise<Checkpoint | undefined> {
    const record = await this.current();
    const checkpoint = earliestOf(record, partitionsOf(this.share));
    this.passed(checkpoint?.position);
    return checkpoint;
  }

  async load(ids: readonly string[]): Promise<ReadonlyMap<string, Fold>> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await this.current();
      const folds = await this.foldsOf(record, ids);
      if (folds.size === ids.length) return folds;
      // What is not found may lie in a build that has just taken this one's place.
      const now = await this.target.collection.generation();
      if (now?.equals(record.generation)) return folds;
    }
    throw unavailable(`${this.target.collection.name} is switched all the time`);
  }

  async store({ changes, checkpoint }: FoldBatch): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await this.current();
      if (await this.stored(record, { changes, checkpoint })) {
        this.passed(checkpoint.position);
        return;
      }
    }
    throw unavailable(`${this.target.collection.name} is switched all the time`);
  }

  /** Enters the lease, so that earlier ones are worthless; answers what it found. @throws ShareLost */
  begin(): Promise<ModelRecord> {
    return this.current();
  }

  protected codecOf({ generation, fields }: ModelRecord): RowCodec {
    if (!this.known?.generation.equals(generation)) {
      this.known = { generation, codec: new RowCodec(fields) };
    }
    return this.known.codec;
  }

  private async stored(record: ModelRecord, { changes, checkpoint }: FoldBatch): Promise<boolean> {
    const { collection } = this.target;
    const { generation } = record;
    if (changes.length > 0) {
      const codec = this.codecOf(record);
      const rows = changes.map(({ after }) => codec.rowOf(after, generation));
      const unknown = changes.filter(({ before }) => !before);
      const fresh = new Set(unknown.map(({ after }) => after.id));
      if (!(await putRows(collection, generation, { rows, fresh }))) return false;
    }
    return collection.advance(generation, this.share, checkpoint);
  }

  private async foldsOf(
    record: ModelRecord,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Fold>> {
    const codec = this.codecOf(record);
    const folds = new Map<string, Fold>();
    for (let next = 0; next < ids.length; next += IDS_AT_ONCE_MAX) {
      const some = ids.slice(next, next + IDS_AT_ONCE_MAX);
      const found = await this.target.collection.run('load', (rows) =>
        rows
          .find({ _id: { $in: some }, _generation: record.generation })
          .batchSize(some.length + 1)
          .toArray(),
      );
      for (const row of found) folds.set(row._id, codec.foldOf(row as unknown as StoredRow));
    }
    return folds;
  }

  /** @throws ShareLost, ReadModelsUnavailable */
  private async current(): Promise<ModelRecord> {
    const { share, target } = this;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const record = await target.current();
      if (share && isLost(record, share)) {
        throw new ShareLost(`${target.collection.name}: a newer lease was given`);
      }
      if (this.held?.equals(record.generation)) return record;
      if (share && !(await target.collection.stamp(record.generation, share))) continue;
      this.checkReached(record);
      this.held = record.generation;
      return record;
    }
    throw unavailable(`${target.collection.name} is switched all the time`);
  }

  /** Of what took the place of the one that was written, events that were passed may be missing. */
  private checkReached(record: ModelRecord): void {
    if (this.reached === undefined) return;
    const checkpoint = earliestOf(record, partitionsOf(this.share));
    if (checkpoint && comparePositions(checkpoint.position, this.reached) >= 0) return;
    throw rebuilding(this.target.collection.name, 'was built anew, go on from its checkpoint');
  }

  private passed(position: Position | undefined): void {
    if (position === undefined) return;
    const further = this.reached === undefined || comparePositions(position, this.reached) > 0;
    if (further) this.reached = position;
  }
}
