import type { Document as BsonDocument } from 'mongodb';
import type {
  Bucket,
  Condition,
  FieldValue,
  Group,
  GroupQuery,
  Histogram,
  HistogramQuery,
} from '#read-models/port';
import { clauseOf, rowsWhere } from './conditions.js';
import type { ModelCollection } from './model-collection.js';
import type { ModelRecord } from './model-record.js';

export function countRows(
  collection: ModelCollection,
  record: ModelRecord,
  where: readonly Condition[],
): Promise<number> {
  const filter = rowsWhere(record, where.map(clauseOf));
  return collection.run('query', (rows) => rows.countDocuments(filter));
}

export async function groupRows(
  collection: ModelCollection,
  record: ModelRecord,
  query: Required<GroupQuery>,
): Promise<readonly Group[]> {
  const key = Object.fromEntries(query.by.map((name) => [name, `$${name}`]));
  const order = Object.fromEntries(query.by.map((name) => [`_id.${name}`, 1]));
  const groups = await aggregate(collection, query.limit, [
    { $match: rowsWhere(record, query.where.map(clauseOf)) },
    { $group: { _id: key, count: { $sum: 1 } } },
    { $sort: { count: -1, ...order } },
    { $limit: query.limit },
  ]);
  return groups.map((group) => {
    const found = group['_id'] as Readonly<Record<string, FieldValue>>;
    return {
      key: Object.fromEntries(query.by.map((name) => [name, found[name] ?? null])),
      count: Number(group['count']),
    };
  });
}

/**
 * Counts up to each bound in one pass; a bucket is the difference of two. `$bucket` would need a
 * lowest bound, which there is not, and takes its bounds as exclusive.
 */
export async function histogramOf(
  collection: ModelCollection,
  record: ModelRecord,
  { field, bounds, where }: Required<HistogramQuery>,
): Promise<Histogram> {
  const value = `$${field}`;
  const countIf = (test: BsonDocument) => ({ $sum: { $cond: [test, 1, 0] } });
  const upTo = bounds.map((bound, i) => [`upTo${i}`, countIf({ $lte: [value, bound] })] as const);
  const [counts = {}] = await aggregate(collection, 1, [
    { $match: rowsWhere(record, where.map(clauseOf)) },
    {
      $group: {
        _id: null,
        all: { $sum: 1 },
        empty: countIf({ $eq: [value, null] }),
        ...Object.fromEntries(upTo),
      },
    },
  ]);
  const countOf = (name: string) => Number(counts[name] ?? 0);
  const empty = countOf('empty');
  // Within an expression the empty value lies before every number.
  const below = [empty, ...bounds.map((_, i) => countOf(`upTo${i}`)), countOf('all')];
  const bucketAt = (i: number): Bucket => ({
    upTo: bounds[i] ?? null,
    count: (below[i + 1] ?? 0) - (below[i] ?? 0),
  });
  return { buckets: [...bounds.keys(), bounds.length].map(bucketAt), empty };
}

function aggregate(
  collection: ModelCollection,
  batchSize: number,
  pipeline: BsonDocument[],
): Promise<readonly BsonDocument[]> {
  return collection.run('query', (rows) =>
    rows.aggregate(pipeline, { batchSize: batchSize + 1, allowDiskUse: true }).toArray(),
  );
}
