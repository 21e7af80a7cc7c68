import type { ObjectId } from 'mongodb';
import type { Projection } from '#read-models/port';
import type { Connection } from './connection.js';
import { rebuilding } from './faults.js';
import { ModelCollection } from './model-collection.js';
import { isCurrent, RECORD_ID, type ModelRecord } from './model-record.js';

/** Times that a switch found under way is finished and the record read again. */
const SWITCHES_MET_MAX = 5;

/** What a writer writes to; asked before each writing, as a switch may have come between. */
export type WriteTarget = {
  readonly collection: ModelCollection;
  /** @throws when nothing may be written there (any more). */
  readonly current: () => Promise<ModelRecord>;
};

export function tableOf({ name }: Projection): string {
  return name.replaceAll('-', '_');
}

/** Names of projections hold no two underscores in a row, so these can never be one of theirs. */
export function buildPrefixOf(projection: Projection): string {
  return `${tableOf(projection)}__rebuild_`;
}

export function liveTarget(connection: Connection, projection: Projection): WriteTarget {
  const collection = new ModelCollection(connection, tableOf(projection));
  return { collection, current: () => currentOf(connection, collection, projection) };
}

/** @throws ReadModelsUnavailable `read-models.rebuilding` unless it is live in the wanted version. */
async function currentOf(
  connection: Connection,
  collection: ModelCollection,
  projection: Projection,
): Promise<ModelRecord> {
  for (let met = 0; met < SWITCHES_MET_MAX; met += 1) {
    const record = await collection.record();
    if (!record) break;
    if (!record.replacedBy) {
      if (isCurrent(record, projection)) return record;
      break;
    }
    await finishSwitch(connection, projection, record);
  }
  throw rebuilding(projection.name);
}

export function buildTarget(collection: ModelCollection, generation: ObjectId): WriteTarget {
  return {
    collection,
    current: async () => {
      const record = await collection.record();
      if (record?.generation.equals(generation)) return record;
      throw rebuilding(collection.name, 'has ended: another build was begun, or it is in place');
    },
  };
}

/**
 * Carries out what the record of a live read model announces: so does whoever began it, and if that
 * one died between announcement and rename, the next who wants to write. Done twice it is done once.
 */
export async function finishSwitch(
  connection: Connection,
  projection: Projection,
  live: ModelRecord,
): Promise<void> {
  const { replacedBy, generation } = live;
  if (!replacedBy) return;
  const name = `${buildPrefixOf(projection)}${replacedBy.toHexString()}`;
  const build = new ModelCollection(connection, name);
  const built = await build.record();
  if (built?.complete) {
    // Leases outlive what was built under them. They are settled, as nothing is written any more.
    const tokens = live.partitions.map(
      ({ token }, n) => [`partitions.p${n}.token`, token] as const,
    );
    await build.change({ _id: RECORD_ID }, { $max: Object.fromEntries(tokens) });
    if (await build.rename(tableOf(projection))) return;
  }
  // Somebody else has renamed it, then this finds nothing; or the build is gone, then the old stays.
  const announced = { _id: RECORD_ID, generation, replacedBy };
  const collection = new ModelCollection(connection, tableOf(projection));
  await collection.change(announced, { $unset: { replacedBy: '' } });
}
