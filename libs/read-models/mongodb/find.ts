import type { SortDirection } from 'mongodb';
import type { CheckedFind, Place, Row } from '#read-models/port';
import { clauseOf, rowsWhere, type Clause } from './conditions.js';
import type { ModelCollection } from './model-collection.js';
import type { ModelRecord } from './model-record.js';
import { longOf } from './positions.js';
import { RowCodec, type StoredRow } from './row-codec.js';

/** The rows of a find in order, one more than its limit if there are more. */
export async function findRows(
  collection: ModelCollection,
  record: ModelRecord,
  find: CheckedFind,
): Promise<readonly Row[]> {
  const codec = new RowCodec(record.fields);
  const sort = orderOf(find);
  const rows = new Map<string, Row>();
  for (const segment of segmentsOf(find)) {
    const missing = find.limit + 1 - rows.size;
    if (missing <= 0) break;
    const found = await collection.run('query', (stored) =>
      stored
        .find(rowsWhere(record, segment))
        .sort([...sort])
        .limit(missing)
        .batchSize(missing)
        .toArray(),
    );
    // A row that is changed between two segments may be found in both.
    for (const row of found) rows.set(row._id, codec.shownOf(row as unknown as StoredRow));
  }
  return [...rows.values()];
}

function orderOf({ sort }: CheckedFind): readonly [string, SortDirection][] {
  const direction = sort?.direction === 'descending' ? -1 : 1;
  const fields = sort ? [sort.field, 'firstPosition'] : ['firstPosition'];
  return fields.map((field) => [field, direction]);
}

/**
 * The page's rows as a sequence of plain index ranges: first the ties of the cursor's row, then
 * what follows, then (descending) the empty ones. One condition with `$or` would leave it to the
 * server's planner whether everything before the cursor is read and dropped.
 */
function segmentsOf(find: CheckedFind): readonly (readonly Clause[])[] {
  const { sort, after } = find;
  const where = find.where.map(clauseOf);
  if (!after) return [where];
  if (!sort) return [[...where, tiesAfter(after, '$gt')]];
  const { field, direction } = sort;
  const following = direction === 'ascending' ? '$gt' : '$lt';
  const ties = [...where, { [field]: { $eq: after.value } }, tiesAfter(after, following)];
  if (after.value !== null) {
    const rest = [...where, { [field]: { [following]: after.value } }];
    const empty = [...where, { [field]: { $eq: null } }];
    return direction === 'ascending' ? [ties, rest] : [ties, rest, empty];
  }
  return direction === 'ascending' ? [ties, [...where, { [field]: { $ne: null } }]] : [ties];
}

function tiesAfter({ firstPosition }: Place, operator: '$gt' | '$lt'): Clause {
  return { firstPosition: { [operator]: longOf(firstPosition) } };
}
