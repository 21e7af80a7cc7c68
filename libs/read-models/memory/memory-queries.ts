import { comparePositions } from '#kernel';
import {
  compareScalars,
  type Bucket,
  type CheckedFind,
  type Condition,
  type Group,
  type GroupQuery,
  type Histogram,
  type HistogramQuery,
  type Row,
  type Scalar,
} from '#read-models/port';

/** The rows that match, in order, from the cursor on; one more than the limit if there are more. */
export function findRows(rows: readonly Row[], find: CheckedFind): readonly Row[] {
  const { where, sort, after, limit } = find;
  const direction = sort?.direction === 'descending' ? -1 : 1;
  const valueOf = (row: Row) => (sort ? scalarOf(row, sort.field) : null);
  const order = (a: { value: Scalar; firstPosition: string }, b: typeof a) =>
    direction *
    (compareScalars(a.value, b.value) || comparePositions(a.firstPosition, b.firstPosition));
  return rows
    .filter((row) => matches(row, where))
    .map((row) => ({ row, value: valueOf(row), firstPosition: row.firstPosition }))
    .filter((place) => after === undefined || order(place, after) > 0)
    .toSorted(order)
    .slice(0, limit + 1)
    .map(({ row }) => row);
}

export function matches(row: Row, where: readonly Condition[]): boolean {
  return where.every(({ field, is, value }) => {
    const actual = scalarOf(row, field);
    if (is === 'eq') return actual === value;
    if (actual === null) return false;
    const order = compareScalars(actual, value);
    switch (is) {
      case 'lt':
        return order < 0;
      case 'lte':
        return order <= 0;
      case 'gt':
        return order > 0;
      case 'gte':
        return order >= 0;
    }
  });
}

export function groupRows(rows: readonly Row[], query: Required<GroupQuery>): readonly Group[] {
  const counts = new Map<string, { key: Record<string, Scalar>; count: number }>();
  for (const row of rows) {
    if (!matches(row, query.where)) continue;
    const key = Object.fromEntries(query.by.map((name) => [name, scalarOf(row, name)]));
    const name = JSON.stringify(key);
    const group = counts.get(name);
    if (group) group.count += 1;
    else counts.set(name, { key, count: 1 });
  }
  const order = (a: { key: Record<string, Scalar>; count: number }, b: typeof a) => {
    if (a.count !== b.count) return b.count - a.count;
    const field = query.by.find((name) => a.key[name] !== b.key[name]) ?? '';
    return compareScalars(a.key[field] ?? null, b.key[field] ?? null);
  };
  return [...counts.values()].toSorted(order).slice(0, query.limit);
}

export function histogramOf(rows: readonly Row[], query: Required<HistogramQuery>): Histogram {
  const { field, bounds, where } = query;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let empty = 0;
  for (const row of rows) {
    if (!matches(row, where)) continue;
    const value = scalarOf(row, field);
    if (value === null) {
      empty += 1;
      continue;
    }
    const bucket = bounds.findIndex((bound) => Number(value) <= bound);
    const place = bucket < 0 ? bounds.length : bucket;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const buckets = counts.map((count, i): Bucket => ({ upTo: bounds[i] ?? null, count }));
  return { buckets, empty };
}

function scalarOf(row: Row, field: string): Scalar {
  return (row.document[field] ?? null) as Scalar;
}
