import type {
  Bucket,
  Condition,
  FieldKind,
  FieldValue,
  Group,
  GroupQuery,
  Histogram,
  HistogramQuery,
} from '#read-models/port';
import type { Generation } from './catalog.js';
import { allOf, clauseOf, demandsOf, LIMIT, type Clause } from './conditions.js';
import { fromColumn } from './row-codec.js';
import type { Session } from './session.js';
import { quoted } from './table.js';

const NOTHING: Clause = { sql: 'FALSE', parameters: [] };

export function countRows(
  session: Session,
  stored: Generation,
  where: readonly Condition[],
): number {
  const { sql, parameters } = whereOf(where);
  const row = session.get(`SELECT count(*) FROM ${quoted(stored.table)} WHERE ${sql}`, parameters);
  return Number(row?.[0]);
}

export function groupRows(
  session: Session,
  stored: Generation,
  query: Required<GroupQuery>,
): readonly Group[] {
  const { sql, parameters } = whereOf(query.where);
  const names = query.by.map(quoted).join(', ');
  const rows = session.all(
    `SELECT count(*) AS "count", ${names} FROM ${quoted(stored.table)} WHERE ${sql}
     GROUP BY ${names} ORDER BY 1 DESC, ${names} ${LIMIT}`,
    [...parameters, query.limit],
  );
  const kinds = query.by.map((name): FieldKind => stored.fields[name]?.kind ?? 'string');
  return rows.map(([count, ...values]) => {
    const key: Record<string, FieldValue> = {};
    query.by.forEach((name, i) => {
      key[name] = fromColumn(kinds[i] ?? 'string', values[i] ?? null);
    });
    return { key, count: Number(count) };
  });
}

export function histogramOf(
  session: Session,
  stored: Generation,
  query: Required<HistogramQuery>,
): Histogram {
  const { sql, parameters } = whereOf(query.where);
  const field = quoted(query.field);
  const cases = query.bounds.map((_, i) => `WHEN ${field} <= ? THEN ${i}`).join(' ');
  const rows = session.all(
    `SELECT CASE WHEN ${field} IS NULL THEN -1 ${cases} ELSE ${query.bounds.length} END, count(*)
     FROM ${quoted(stored.table)} WHERE ${sql} GROUP BY 1`,
    [...query.bounds, ...parameters],
  );
  const counts = new Map(rows.map(([bucket, count]) => [Number(bucket), Number(count)]));
  const bucketAt = (i: number): Bucket => ({
    upTo: query.bounds[i] ?? null,
    count: counts.get(i) ?? 0,
  });
  return {
    buckets: [...query.bounds.keys(), query.bounds.length].map(bucketAt),
    empty: counts.get(-1) ?? 0,
  };
}

function whereOf(where: readonly Condition[]): Clause {
  const demands = demandsOf(where);
  return demands ? allOf(demands.map(clauseOf)) : NOTHING;
}
