import { ObjectId } from 'mongodb';
import { canonicalJson, comparePositions, InvariantBroken } from '#kernel';
import {
  compareScalars,
  FIXED_COLUMNS,
  type Checkpoint,
  type Difference,
  type Differences,
  type FoldComparison,
  type Projection,
  type Row,
} from '#read-models/port';
import { MongoBuild } from './builds.js';
import type { Connection } from './connection.js';
import { rowsWhere } from './conditions.js';
import { unavailable } from './faults.js';
import { ModelCollection } from './model-collection.js';
import { earliestOf, partitionsOf, type ModelRecord } from './model-record.js';
import { longOf } from './positions.js';
import { RowCodec, type StoredRow } from './row-codec.js';
import { liveTarget, type WriteTarget } from './targets.js';

const PREFIX = 'redress_compare_';
/** What a killed comparison leaves is dropped by the next one that is begun this much later. */
const LEFTOVER_AGE_MS = 24 * 3_600_000;
/** Copies that are made in the hope that nobody writes meanwhile. */
const COPIES_MAX = 3;
const BATCH_ROWS = 1_000;

type Held = { readonly record: ModelRecord; readonly checkpoint: Checkpoint | undefined };

/**
 * A fold in a collection of its own, held against a copy of the live rows. Servers without snapshots
 * copy row by row while others write; so rows that lie beyond the checkpoint which the copy began
 * with, those written meanwhile, are not judged, nor counted. All others are exactly of that
 * checkpoint, as rows are written before it.
 */
export class MongoComparison extends MongoBuild implements FoldComparison {
  private holding: Held | undefined;
  private readonly copy: ModelCollection;
  private readonly live: WriteTarget;

  private constructor(connection: Connection, projection: Projection, generation: ObjectId) {
    const name = `${PREFIX}${generation.toHexString()}`;
    const collection = new ModelCollection(connection, `${name}_built`);
    super(connection, projection, { generation, collection });
    this.copy = new ModelCollection(connection, `${name}_live`);
    this.live = liveTarget(connection, projection);
  }

  /** @throws ReadModelsUnavailable `read-models.rebuilding` when there is nothing to compare with. */
  static async start(connection: Connection, projection: Projection): Promise<MongoComparison> {
    const started = new MongoComparison(connection, projection, new ObjectId());
    await started.live.current();
    await dropOld(connection);
    await started.build.collection.create(projection, started.build.generation, 'build');
    return started;
  }

  async liveCheckpoint(): Promise<Checkpoint | undefined> {
    return checkpointOf(await this.live.current());
  }

  async hold(): Promise<Checkpoint | undefined> {
    for (let made = 1; made <= COPIES_MAX; made += 1) {
      const record = await this.live.current();
      await this.copyRows(record);
      const after = await this.live.current();
      if (!after.generation.equals(record.generation)) continue;
      const checkpoint = checkpointOf(record);
      this.holding = { record, checkpoint };
      const still = checkpointOf(after)?.position === checkpoint?.position;
      if (made === COPIES_MAX || (still && !(await this.hasMoving()))) return checkpoint;
    }
    throw unavailable(`${this.projection.name} is switched all the time`);
  }

  async differences(limit: number): Promise<Differences> {
    const { holding: held } = this;
    if (!held) throw new InvariantBroken('differences are asked of what is held');
    let [documents, differing] = [0, 0];
    const first: Difference[] = [];
    for await (const [wanted, actual] of this.pairs(held)) {
      if (actual && isMoving(actual, held)) continue;
      if (wanted) documents += 1;
      const difference = this.differenceOf(wanted, actual);
      if (!difference) continue;
      differing += 1;
      if (first.length < limit) first.push(difference);
    }
    return { documents, differing, first };
  }

  override async discard(): Promise<void> {
    await this.copy.drop();
    await super.discard();
  }

  protected override isQueried(): boolean {
    return false;
  }

  private async copyRows(record: ModelRecord): Promise<void> {
    await this.copy.drop();
    await this.live.collection.run('build', (rows) =>
      rows.aggregate([{ $match: rowsWhere(record, []) }, { $out: this.copy.name }]).toArray(),
    );
  }

  /** Whether the copy holds rows that were written while it was made. */
  private async hasMoving(): Promise<boolean> {
    const { checkpoint } = this.holding ?? {};
    const beyond = checkpoint ? { position: { $gt: longOf(checkpoint.position) } } : {};
    const found = await this.copy.run('build', (rows) => rows.findOne(beyond));
    return found !== null;
  }

  /** One walk along both in order of id; a row that one side lacks stands alone. */
  private async *pairs({
    record,
  }: Held): AsyncGenerator<readonly [Row | undefined, Row | undefined]> {
    const built = rowsInOrder(this.target.collection, await this.target.current());
    const live = rowsInOrder(this.copy, record);
    try {
      let [wanted, actual] = [await built.next(), await live.next()];
      while (!wanted.done || !actual.done) {
        const order = orderOf(wanted, actual);
        yield [
          order <= 0 && !wanted.done ? wanted.value : undefined,
          order >= 0 && !actual.done ? actual.value : undefined,
        ];
        if (order <= 0) wanted = await built.next();
        if (order >= 0) actual = await live.next();
      }
    } finally {
      await built.return(undefined);
      await live.return(undefined);
    }
  }

  private differenceOf(wanted: Row | undefined, actual: Row | undefined): Difference | undefined {
    const projection = this.projection.name;
    const id = (wanted ?? actual)?.id ?? '';
    if (!wanted) return { projection, id, fields: [], kind: 'surplus' };
    if (!actual) return { projection, id, fields: [], kind: 'missing' };
    const columns = FIXED_COLUMNS.filter((column) => wanted[column] !== actual[column]);
    const fields = Object.keys(this.projection.fields).filter(
      (name) => canonicalJson(wanted.document[name]) !== canonicalJson(actual.document[name]),
    );
    if (columns.length + fields.length === 0) return undefined;
    return { projection, id, fields: [...columns, ...fields], kind: 'changed' };
  }
}

function checkpointOf(record: ModelRecord): Checkpoint | undefined {
  return earliestOf(record, partitionsOf(undefined));
}

function isMoving({ position }: Row, { checkpoint }: Held): boolean {
  return checkpoint === undefined || comparePositions(position, checkpoint.position) > 0;
}

function orderOf(
  wanted: IteratorResult<Row, undefined>,
  actual: IteratorResult<Row, undefined>,
): number {
  if (wanted.done) return 1;
  return actual.done ? -1 : compareScalars(wanted.value.id, actual.value.id);
}

async function* rowsInOrder(
  collection: ModelCollection,
  record: ModelRecord,
): AsyncGenerator<Row, undefined> {
  const codec = new RowCodec(record.fields);
  let after = '';
  for (;;) {
    const filter = { _id: { $gt: after } };
    const found = await collection.run('query', (rows) =>
      rows
        .find({ $and: [filter, rowsWhere(record, [])] })
        .sort({ _id: 1 })
        .limit(BATCH_ROWS)
        .batchSize(BATCH_ROWS + 1)
        .toArray(),
    );
    for (const row of found) yield codec.shownOf(row as unknown as StoredRow);
    const last = found.at(-1);
    if (!last || found.length < BATCH_ROWS) return undefined;
    after = last._id;
  }
}

async function dropOld(connection: Connection): Promise<void> {
  const names = await connection.run('query', (db) =>
    db.listCollections({}, { nameOnly: true }).toArray(),
  );
  for (const { name } of names) {
    const [, hex] = /^redress_compare_([0-9a-f]{24})_/.exec(name) ?? [];
    if (hex === undefined) continue;
    const ageMs = Date.now() - ObjectId.createFromHexString(hex).getTimestamp().getTime();
    if (ageMs > LEFTOVER_AGE_MS) await new ModelCollection(connection, name).drop();
  }
}
