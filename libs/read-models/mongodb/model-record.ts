import { Long, type Document as BsonDocument, type ObjectId } from 'mongodb';
import type { Position } from '#kernel';
import {
  checkpointOver,
  furthestOf,
  PARTITION_COUNT,
  shapeOf,
  type Checkpoint,
  type Field,
  type Fields,
  type Projection,
  type Share,
} from '#read-models/port';
import { longOf, positionOf } from './positions.js';

/**
 * The one document of a read model's collection that is no row. It lies in the collection that it
 * describes, so that one rename puts rows, description and checkpoints in place together: no crash
 * can leave the rows of one build with the checkpoint of another.
 */
export const RECORD_ID = 'redress-read-model';

export type PartitionState = {
  /** The newest lease that was seen here; 0 before the first. */
  readonly token: number;
  readonly checkpoint: Checkpoint | undefined;
};

/** What a collection says of itself. */
export type ModelRecord = {
  /** Never the same again, not even for the same version built anew. */
  readonly generation: ObjectId;
  readonly version: number;
  readonly fields: Fields;
  readonly partitions: readonly PartitionState[];
  /** Whether indexes and checkpoint are there; until then it is a build that serves nobody. */
  readonly complete: boolean;
  /** The build that is about to take its place; from then on nothing is written here. */
  readonly replacedBy: ObjectId | undefined;
};

export function newRecord(
  projection: Projection,
  generation: ObjectId,
  state: 'live' | 'build',
): BsonDocument & { readonly _id: string } {
  return {
    _id: RECORD_ID,
    name: projection.name,
    version: projection.version,
    generation,
    complete: state === 'live',
    // A list, because the order of the columns counts.
    columns: Object.entries(projection.fields).map(([name, field]) => ({ name, ...field })),
    partitions: Object.fromEntries(
      Array.from({ length: PARTITION_COUNT }, (_, partition) => [`p${partition}`, { token: 0 }]),
    ),
  };
}

export function recordFrom(stored: BsonDocument): ModelRecord {
  const columns = stored['columns'] as readonly ({ readonly name: string } & Field)[];
  return {
    ...partitionsFrom(stored),
    generation: stored['generation'] as ObjectId,
    version: Number(stored['version']),
    fields: Object.fromEntries(columns.map(({ name, ...field }) => [name, field])),
    complete: stored['complete'] === true,
    replacedBy: stored['replacedBy'] as ObjectId | undefined,
  };
}

export function partitionsFrom(stored: BsonDocument): Pick<ModelRecord, 'partitions'> {
  const states = stored['partitions'] as Readonly<Record<string, BsonDocument>>;
  const partitions = partitionsOf(undefined).map((n) => stateFrom(states[`p${n}`]));
  return { partitions };
}

function stateFrom(stored: BsonDocument | undefined): PartitionState {
  const token = Number(stored?.['token'] ?? 0);
  if (stored?.['position'] === undefined) return { token, checkpoint: undefined };
  return {
    token,
    checkpoint: {
      position: positionOf(stored['position']),
      eventsSeen: Number(stored['eventsSeen']),
      eventsMissing: Number(stored['eventsMissing']),
    },
  };
}

export function isCurrent(record: ModelRecord, projection: Projection): boolean {
  return (
    record.version === projection.version && shapeOf(record.fields) === shapeOf(projection.fields)
  );
}

/** Partitions that are written: those of a share, or all. */
export function partitionsOf(share: Share | undefined): readonly number[] {
  return share ? [...share.keys()] : Array.from({ length: PARTITION_COUNT }, (_, n) => n);
}

/** How far these partitions have come together. */
export function earliestOf(
  record: Pick<ModelRecord, 'partitions'>,
  partitions: readonly number[],
): Checkpoint | undefined {
  return checkpointOver(partitions.map((partition) => record.partitions[partition]?.checkpoint));
}

/** How far the partition that has come furthest has come. */
export function furthestIn(record: ModelRecord): Position | undefined {
  return furthestOf(record.partitions.map(({ checkpoint }) => checkpoint));
}

/** True when somebody was given a newer lease of a partition of this share. */
export function isLost(record: ModelRecord, share: Share): boolean {
  return [...share].some(
    ([partition, token]) => (record.partitions[partition]?.token ?? 0) > token,
  );
}

/** A filter that finds the record only while nobody holds a newer lease and nothing replaces it. */
export function writable(generation: ObjectId, share: Share | undefined): BsonDocument {
  const fences = [...(share ?? [])].map(
    ([partition, token]) => [`partitions.p${partition}.token`, { $lte: token }] as const,
  );
  return {
    _id: RECORD_ID,
    generation,
    replacedBy: { $exists: false },
    ...Object.fromEntries(fences),
  };
}

export function stamped(share: Share): BsonDocument {
  const tokens = [...share].map(
    ([partition, token]) => [`partitions.p${partition}.token`, token] as const,
  );
  return { $max: Object.fromEntries(tokens) };
}

/** Forward only: where a partition is further already, its own counts are the larger ones, too. */
export function advanced(partitions: readonly number[], checkpoint: Checkpoint): BsonDocument {
  const position: Long = longOf(checkpoint.position);
  const { eventsSeen, eventsMissing } = checkpoint;
  const fields = partitions.flatMap((partition): readonly (readonly [string, unknown])[] => [
    [`partitions.p${partition}.position`, position],
    [`partitions.p${partition}.eventsSeen`, eventsSeen],
    [`partitions.p${partition}.eventsMissing`, eventsMissing],
  ]);
  return { $max: Object.fromEntries(fields) };
}
