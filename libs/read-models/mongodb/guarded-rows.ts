import { MongoBulkWriteError, type AnyBulkWriteOperation, type Long, type ObjectId } from 'mongodb';
import { comparePositions } from '#kernel';
import { DUPLICATE_KEY, unavailable } from './faults.js';
import type { ModelCollection, Stored } from './model-collection.js';
import { positionOf } from './positions.js';
import type { StoredRow } from './row-codec.js';

/** Times that rows are sent again which others wrote at the same moment. */
const ATTEMPTS_MAX = 20;

export type RowsToPut = {
  readonly rows: readonly StoredRow[];
  /** Ids of those that the writer has not met before: most probably there is no such row. */
  readonly fresh: ReadonlySet<string>;
};

/**
 * Puts rows that are newer than what is stored; older ones change nothing, and so does putting them
 * twice. False when the collection has come to mean another build: then all of it is in doubt.
 * @throws ReadModelsUnavailable
 */
export async function putRows(
  collection: ModelCollection,
  generation: ObjectId,
  { rows, fresh }: RowsToPut,
): Promise<boolean> {
  let pending = rows;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    // Inserting takes a server half of what replacing does. Where a row is there after all, that is
    // refused as a stale row is, and the second attempt replaces it if it is older.
    const isNew = (row: StoredRow) => attempt === 0 && fresh.has(row._id);
    const refused = await putUnordered(
      collection,
      pending,
      pending.map((row) => (isNew(row) ? insertion(row) : replacement(row))),
    );
    if (refused.length === 0) return true;
    const { outrun, strays } = await lookInto(collection, generation, refused);
    if (strays.size > 0) {
      // Looked at after the rows: if it is ours still, they belonged to nobody then.
      const now = await collection.generation();
      if (!now?.equals(generation)) return false;
      await removeStrays(collection, strays);
    }
    pending = [...outrun, ...refused.filter(({ _id }) => strays.has(_id))];
    if (pending.length === 0) return true;
  }
  throw unavailable(`${collection.name}: rows are written by too many at once`);
}

/** Answers the rows that were refused because there is one of their id which the guard keeps. */
async function putUnordered(
  collection: ModelCollection,
  rows: readonly StoredRow[],
  operations: readonly AnyBulkWriteOperation<Stored>[],
): Promise<readonly StoredRow[]> {
  return collection.run('store', async (target) => {
    try {
      await target.bulkWrite(operations, { ordered: false });
      return [];
    } catch (error) {
      return refusedBy(error, rows);
    }
  });
}

function insertion(row: StoredRow): AnyBulkWriteOperation<Stored> {
  return { insertOne: { document: row } };
}

function replacement(row: StoredRow): AnyBulkWriteOperation<Stored> {
  const { _id, _generation, position } = row;
  return {
    replaceOne: {
      filter: { _id, _generation, position: { $lt: position } },
      replacement: row,
      upsert: true,
    },
  };
}

function refusedBy(error: unknown, rows: readonly StoredRow[]): readonly StoredRow[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const faults = [error.writeErrors].flat();
  // Indexes count within the whole bulk. Anything but a stale row, and all is in doubt.
  const others = faults.length === 0 || faults.some(({ code }) => code !== DUPLICATE_KEY);
  if (others || error.result.getWriteConcernError()) throw error;
  return faults.flatMap(({ index }) => {
    const row = rows[index];
    return row ? [row] : [];
  });
}

/**
 * Why rows were refused. Most are stale, and that is all. But two who insert one row at the same
 * moment are refused, too, be theirs the newer one (`outrun`); and a program of another version that
 * has not noticed a switch may have put a row where there was none (`strays`).
 */
async function lookInto(
  collection: ModelCollection,
  generation: ObjectId,
  refused: readonly StoredRow[],
): Promise<{
  readonly outrun: readonly StoredRow[];
  readonly strays: ReadonlyMap<string, ObjectId>;
}> {
  const ids = refused.map(({ _id }) => _id);
  const found = await collection.run('load', (rows) =>
    rows
      .find({ _id: { $in: ids } }, { projection: { _generation: 1, position: 1 } })
      .batchSize(ids.length + 1)
      .toArray(),
  );
  const stored = new Map(found.map((row) => [row._id, row]));
  const strays = new Map<string, ObjectId>();
  const outrun = refused.filter(({ _id, position }) => {
    const row = stored.get(_id);
    if (!row) return true;
    const owner = row['_generation'] as ObjectId;
    if (!owner.equals(generation)) {
      strays.set(_id, owner);
      return false;
    }
    return isOlder(row['position'] as Long, position);
  });
  return { outrun, strays };
}

function isOlder(stored: Long, wanted: Long): boolean {
  return comparePositions(positionOf(stored), positionOf(wanted)) < 0;
}

async function removeStrays(
  collection: ModelCollection,
  strays: ReadonlyMap<string, ObjectId>,
): Promise<void> {
  const removals = [...strays].map(([_id, _generation]) => ({
    deleteOne: { filter: { _id, _generation } },
  }));
  await collection.run('store', (rows) => rows.bulkWrite(removals, { ordered: false }));
}
