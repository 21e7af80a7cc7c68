import { ObjectId } from 'mongodb';
import { comparePositions } from '#kernel';
import type {
  Checkpoint,
  Fold,
  FoldBuild,
  Projection,
  ReadModelsUnavailable,
  Rebuild,
} from '#read-models/port';
import { DURABLE, type Connection } from './connection.js';
import { codeOf, NAMESPACE_EXISTS, rebuilding } from './faults.js';
import { ensureIndexes } from './indexes.js';
import { ModelCollection, type Stored } from './model-collection.js';
import { advanced, furthestIn, partitionsOf, RECORD_ID, type ModelRecord } from './model-record.js';
import { longOf } from './positions.js';
import { buildPrefixOf, buildTarget, finishSwitch, tableOf } from './targets.js';
import { MongoWriter } from './writer.js';

const FILL_ROWS_MAX = 1_000;
/** Times that a switch is tried while others make or drop the live read model. */
const SWITCH_ATTEMPTS_MAX = 10;

/** A collection that is built beside the live one. */
export abstract class MongoBuild extends MongoWriter implements FoldBuild {
  constructor(
    protected readonly connection: Connection,
    protected readonly projection: Projection,
    protected readonly build: {
      readonly generation: ObjectId;
      readonly collection: ModelCollection;
    },
  ) {
    super(buildTarget(build.collection, build.generation), undefined);
  }

  async fill(folds: readonly Fold[]): Promise<void> {
    // Each time, or rows would make a collection anew that another attempt has cleared away.
    const record = await this.target.current();
    const codec = this.codecOf(record);
    for (let next = 0; next < folds.length; next += FILL_ROWS_MAX) {
      const some = folds.slice(next, next + FILL_ROWS_MAX);
      const rows = some.map((fold) => codec.rowOf(fold, record.generation));
      await this.target.collection.run('store', (target) =>
        target.insertMany(rows as readonly Stored[], { ordered: false }),
      );
    }
  }

  async complete(checkpoint: Checkpoint | undefined): Promise<void> {
    const { fields } = await this.target.current();
    if (this.isQueried()) await ensureIndexes(this.target.collection, fields);
    const reached = checkpoint ? advanced(partitionsOf(undefined), checkpoint) : {};
    const own = { _id: RECORD_ID, generation: this.build.generation };
    const done = await this.target.collection.change(own, {
      ...reached,
      $set: { complete: true },
    });
    if (!done) throw this.ended();
  }

  async discard(): Promise<void> {
    await this.target.collection.drop();
  }

  /** Whether it will serve queries, and so needs their indexes. */
  protected abstract isQueried(): boolean;

  protected ended(): ReadModelsUnavailable {
    return rebuilding(this.target.collection.name, 'was cleared away by another attempt');
  }
}

export class MongoRebuild extends MongoBuild implements Rebuild {
  /** What is left of earlier attempts is dropped; a switch that was announced is finished first. */
  static async start(connection: Connection, projection: Projection): Promise<MongoRebuild> {
    const live = await new ModelCollection(connection, tableOf(projection)).record();
    if (live) await finishSwitch(connection, projection, live);
    await dropLeftovers(connection, buildPrefixOf(projection));
    const generation = new ObjectId();
    const name = `${buildPrefixOf(projection)}${generation.toHexString()}`;
    const collection = new ModelCollection(connection, name);
    await collection.create(projection, generation, 'build');
    return new MongoRebuild(connection, projection, { generation, collection });
  }

  async switchOver(): Promise<boolean> {
    const collection = new ModelCollection(this.connection, tableOf(this.projection));
    for (let attempt = 0; attempt < SWITCH_ATTEMPTS_MAX; attempt += 1) {
      const live = await collection.record();
      if (live?.generation.equals(this.build.generation)) return true;
      const built = await this.target.current();
      if (!live) {
        if (await this.takeEmptyPlace(collection)) return true;
      } else if (live.replacedBy && !live.replacedBy.equals(this.build.generation)) {
        await finishSwitch(this.connection, this.projection, live);
      } else if (isFurther(live, built)) {
        return false;
      } else if (await this.announce(collection, live, built)) {
        const announced = { ...live, replacedBy: this.build.generation };
        await finishSwitch(this.connection, this.projection, announced);
      }
    }
    throw this.ended();
  }

  protected override isQueried(): boolean {
    return true;
  }

  /** Stops all writing to the live one; only if it has not come further than the build. */
  private announce(
    collection: ModelCollection,
    live: ModelRecord,
    built: ModelRecord,
  ): Promise<boolean> {
    const furthest = furthestIn(built);
    const limit = furthest === undefined ? { $exists: false } : { $not: { $gt: longOf(furthest) } };
    const within = partitionsOf(undefined).map(
      (n) => [`partitions.p${n}.position`, limit] as const,
    );
    const filter = {
      _id: RECORD_ID,
      generation: live.generation,
      ...Object.fromEntries(within),
    };
    return collection.change(filter, { $set: { replacedBy: this.build.generation } });
  }

  /** Rows without a record belong to nobody: a dropped read model's writer was slow to notice. */
  private async takeEmptyPlace(collection: ModelCollection): Promise<boolean> {
    await collection.drop();
    try {
      return await this.target.collection.run('build', async (_, db) => {
        await db.renameCollection(this.target.collection.name, collection.name, {
          dropTarget: false,
          writeConcern: DURABLE,
        });
        return true;
      });
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (codeOf(cause) === NAMESPACE_EXISTS) return false;
      throw error;
    }
  }
}

function isFurther(live: ModelRecord, built: ModelRecord): boolean {
  const [reached, wanted] = [furthestIn(built), furthestIn(live)];
  if (wanted === undefined) return false;
  return reached === undefined || comparePositions(reached, wanted) < 0;
}

async function dropLeftovers(connection: Connection, prefix: string): Promise<void> {
  const names = await connection.run('query', (db) =>
    db.listCollections({}, { nameOnly: true }).toArray(),
  );
  for (const { name } of names) {
    if (name.startsWith(prefix)) await new ModelCollection(connection, name).drop();
  }
}
