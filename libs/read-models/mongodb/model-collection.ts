import type { Collection, Db, Document as BsonDocument, ObjectId } from 'mongodb';
import type { Checkpoint, Projection, Share } from '#read-models/port';
import { DURABLE, type Connection, type Patience } from './connection.js';
import { codeOf, DUPLICATE_KEY, NAMESPACE_NOT_FOUND, translated } from './faults.js';
import {
  advanced,
  earliestOf,
  newRecord,
  partitionsFrom,
  partitionsOf,
  RECORD_ID,
  recordFrom,
  stamped,
  writable,
  type ModelRecord,
} from './model-record.js';

export type Stored = BsonDocument & { readonly _id: string };

/** One collection with the record it keeps of itself; its name may come to mean another build. */
export class ModelCollection {
  constructor(
    private readonly connection: Connection,
    readonly name: string,
  ) {}

  /** @throws ReadModelsUnavailable */
  run<Result>(
    patience: Patience,
    work: (rows: Collection<Stored>, db: Db) => Promise<Result>,
  ): Promise<Result> {
    return this.connection.run(patience, (db) => work(db.collection<Stored>(this.name), db));
  }

  async record(patience: Patience = 'look'): Promise<ModelRecord | undefined> {
    const stored = await this.run(patience, (rows) => rows.findOne({ _id: RECORD_ID }));
    return stored ? recordFrom(stored) : undefined;
  }

  /** The generation alone, which takes less to ask for than the record. */
  async generation(): Promise<ObjectId | undefined> {
    const projection = { generation: 1 };
    const stored = await this.run('look', (rows) =>
      rows.findOne({ _id: RECORD_ID }, { projection }),
    );
    return stored?.['generation'] as ObjectId | undefined;
  }

  /** The earliest of all partitions; asked for often, so without the rest of the record. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    const stored = await this.run('look', (rows) =>
      rows.findOne({ _id: RECORD_ID }, { projection: { partitions: 1 } }),
    );
    return stored ? earliestOf(partitionsFrom(stored), partitionsOf(undefined)) : undefined;
  }

  /** Enters a new build. False when there is one already. */
  create(projection: Projection, generation: ObjectId, state: 'live' | 'build'): Promise<boolean> {
    return this.run('store', async (rows) => {
      try {
        await rows.insertOne(newRecord(projection, generation, state));
      } catch (error) {
        if (codeOf(error) === DUPLICATE_KEY) return false;
        throw error;
      }
      await removeStrays(rows, generation);
      return true;
    });
  }

  /** Makes older leases worthless. False when there is a newer one, or another build. */
  stamp(generation: ObjectId, share: Share): Promise<boolean> {
    return this.change(writable(generation, share), stamped(share));
  }

  /** Moves the checkpoints of a share, or all. False as with {@link stamp}. */
  advance(
    generation: ObjectId,
    share: Share | undefined,
    checkpoint: Checkpoint,
  ): Promise<boolean> {
    return this.change(writable(generation, share), advanced(partitionsOf(share), checkpoint));
  }

  change(filter: BsonDocument, update: BsonDocument): Promise<boolean> {
    return this.run('store', async (rows) => {
      const { matchedCount } = await rows.updateOne(filter as { _id: string }, update);
      return matchedCount === 1;
    });
  }

  /** Takes the place of another collection, which is dropped. False when this one is not there. */
  rename(target: string): Promise<boolean> {
    return this.run('build', async (_, db) => {
      try {
        await db.renameCollection(this.name, target, { dropTarget: true, writeConcern: DURABLE });
        return true;
      } catch (error) {
        if (isNotThere(error)) return false;
        throw error;
      }
    });
  }

  /** Idempotent. */
  drop(): Promise<void> {
    return this.run('build', async (rows) => {
      try {
        await rows.drop();
      } catch (error) {
        if (!isNotThere(error)) throw translated(error);
      }
    });
  }
}

/**
 * A program that was slow to notice that the collection was dropped may have put rows here. Only those
 * of builds that were found while this one was in place are removed: a rebuild may take its place at
 * any moment, and its rows must not go with them. A build that has lost its place never has it again.
 */
async function removeStrays(rows: Collection<Stored>, generation: ObjectId): Promise<void> {
  const others = { _id: { $ne: RECORD_ID }, _generation: { $ne: generation } };
  const strays: readonly unknown[] = await rows.distinct('_generation', others);
  if (strays.length === 0) return;
  const inPlace = await rows.findOne({ _id: RECORD_ID, generation }, { projection: { _id: 1 } });
  if (inPlace) await rows.deleteMany({ _id: { $ne: RECORD_ID }, _generation: { $in: strays } });
}

/** Older servers tell it in words. */
function isNotThere(error: unknown): boolean {
  if (codeOf(error) === NAMESPACE_NOT_FOUND) return true;
  return (
    error instanceof Error && /source namespace does not exist|ns not found/i.test(error.message)
  );
}
