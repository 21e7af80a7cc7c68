import type { CheckedFind, Place, Row, Sort } from '#read-models/port';
import { integerOf, type Generation } from './catalog.js';
import {
  allOf,
  clauseOf,
  demandsOf,
  LIMIT,
  narrowed,
  type Clause,
  type Demand,
} from './conditions.js';
import { RowCodec } from './row-codec.js';
import type { Session } from './session.js';
import { columnsOf, indexOver, quoted } from './table.js';

/** Matches of a condition are counted up to these numbers, one after the other, to choose the index. */
const PROBE_LIMITS = [2_000, 20_000] as const;

/** Which index leads to the rows; without one, the table or whatever SQLite thinks best. */
type Access = {
  readonly index: string | undefined;
  /** What the index is searched by; undefined when it is walked from one end to the other. */
  readonly demand: Demand | undefined;
  /** The index holds its rows in the order of the sort; otherwise those that match are sorted. */
  readonly inOrder: boolean;
};

/**
 * The rows of a find in order, one more than its limit if there are more. Several statements: the
 * caller encloses them in one snapshot.
 */
export function findRows(session: Session, stored: Generation, find: CheckedFind): readonly Row[] {
  const demands = demandsOf(find.where);
  if (!demands) return [];
  const { index } = chooseAccess(session, stored, find, demands);
  const codec = new RowCodec(stored.fields);
  const rows: Row[] = [];
  for (const segment of segmentsOf(find, demands)) {
    const missing = find.limit + 1 - rows.length;
    if (missing <= 0) break;
    const { sql, parameters } = selection(stored, find.sort, { index, segment });
    for (const row of session.all(sql, [...parameters, missing])) rows.push(codec.rowFrom(row));
  }
  return rows;
}

/** What a find would ask SQLite, for tests to hold its plan against. */
export function statementsOf(
  session: Session,
  stored: Generation,
  find: CheckedFind,
): readonly Clause[] {
  const demands = demandsOf(find.where);
  if (!demands) return [];
  const { index } = chooseAccess(session, stored, find, demands);
  return segmentsOf(find, demands).map((segment) => {
    const { sql, parameters } = selection(stored, find.sort, { index, segment });
    return { sql, parameters: [...parameters, find.limit + 1] };
  });
}

function selection(
  stored: Generation,
  sort: Sort | undefined,
  { index, segment }: { readonly index: string | undefined; readonly segment: Clause },
): Clause {
  const columns = columnsOf(stored.fields).map(quoted).join(', ');
  const source = `${quoted(stored.table)}${index === undefined ? '' : ` INDEXED BY ${quoted(index)}`}`;
  const direction = sort?.direction === 'descending' ? 'DESC' : 'ASC';
  const order = [...(sort ? [quoted(sort.field)] : []), 'firstPosition']
    .map((column) => `${column} ${direction}`)
    .join(', ');
  return {
    sql: `SELECT ${columns} FROM ${source} WHERE ${segment.sql} ORDER BY ${order} ${LIMIT}`,
    parameters: segment.parameters,
  };
}

/**
 * The page's rows as a sequence of plain index ranges: first the ties of the cursor's row, then
 * what follows, then (descending) the empty ones. One condition with OR would read and drop
 * everything before the cursor.
 */
function segmentsOf(find: CheckedFind, demands: readonly Demand[]): readonly Clause[] {
  const { sort, after } = find;
  if (!after) return [allOf(demands.map(clauseOf))];
  const rest = demands.filter(({ field }) => field !== sort?.field).map(clauseOf);
  if (!sort) return [allOf([...rest, tiesAfter(after, '>')])];
  const known = demands.find(({ field }) => field === sort.field) ?? { field: sort.field };
  const following = sort.direction === 'ascending' ? '>' : '<';
  const segments: Clause[] = [];
  const add = (demand: Demand | undefined, ...more: readonly Clause[]) => {
    if (demand) segments.push(allOf([...rest, clauseOf(demand), ...more]));
  };
  const tie = narrowed(known, { field: sort.field, is: 'eq', value: after.value });
  add(tie, tiesAfter(after, following));
  if (known.equal) return segments;
  if (sort.direction === 'ascending') {
    if (after.value === null) segments.push(allOf([...rest, notEmpty(known)]));
    else add(narrowed(known, { field: sort.field, is: 'gt', value: after.value }));
  } else if (after.value !== null) {
    add(narrowed(known, { field: sort.field, is: 'lt', value: after.value }));
    add(narrowed(known, { field: sort.field, is: 'eq', value: null }));
  }
  return segments;
}

function tiesAfter(after: Place, operator: '<' | '>'): Clause {
  return {
    sql: `firstPosition ${operator} ?`,
    parameters: [integerOf(after.firstPosition)],
  };
}

function notEmpty(demand: Demand): Clause {
  const bounded = clauseOf(demand);
  if (demand.lower ?? demand.upper) return bounded;
  return { sql: `${quoted(demand.field)} IS NOT NULL`, parameters: [] };
}

/**
 * Without conditions the sort's own index; with one, the index of filter and sort. With several, the
 * one with the fewest matches leads and the rest is checked row by row.
 */
function chooseAccess(
  session: Session,
  stored: Generation,
  find: CheckedFind,
  demands: readonly Demand[],
): Access {
  const onSort = demands.find(({ field }) => field === find.sort?.field);
  const all = demands
    .map((demand) => accessBy(stored, find.sort, demand))
    .filter(({ index }) => index !== undefined);
  // What is asked of the sort narrows the index of a filter and that sort, which is never wider.
  const narrower = all.some(({ demand, inOrder }) => inOrder && demand !== onSort);
  const candidates = narrower ? all.filter(({ demand }) => demand !== onSort) : all;
  const [only] = candidates;
  if (only?.inOrder && candidates.length === 1) return only;
  for (const limit of candidates.length > 0 ? PROBE_LIMITS : []) {
    const counted = candidates.map((access) => ({
      access,
      count: probe(session, stored, { access, onSort, limit }),
    }));
    const [fewest] = counted.toSorted((a, b) => a.count - b.count);
    if (fewest && fewest.count < limit) return fewest.access;
  }
  // Every condition has many matches: rows in the order of the sort soon fill a page.
  const ordered = candidates.find(({ inOrder }) => inOrder);
  if (ordered) return ordered;
  const index = find.sort ? indexOver(stored, find.sort.field) : undefined;
  return { index, demand: undefined, inOrder: true };
}

function accessBy(stored: Generation, sort: Sort | undefined, demand: Demand): Access {
  if (!sort) {
    return { index: indexOver(stored, demand.field), demand, inOrder: demand.equal !== undefined };
  }
  if (sort.field === demand.field) {
    return { index: indexOver(stored, sort.field), demand, inOrder: true };
  }
  const index = indexOver(stored, demand.field, sort.field);
  return { index, demand, inOrder: demand.equal !== undefined };
}

/** How many rows the index leads to, counted up to a limit. */
function probe(
  session: Session,
  stored: Generation,
  {
    access,
    onSort,
    limit,
  }: {
    readonly access: Access;
    readonly onSort: Demand | undefined;
    readonly limit: number;
  },
): number {
  const { demand, inOrder } = access;
  const searched = new Set(inOrder ? [demand, onSort] : [demand]);
  const clauses = [...searched].flatMap((one) => (one ? [clauseOf(one)] : []));
  const { sql, parameters } = allOf(clauses);
  const index = access.index === undefined ? '' : ` INDEXED BY ${quoted(access.index)}`;
  const matches = `SELECT 1 FROM ${quoted(stored.table)}${index} WHERE ${sql} ${LIMIT}`;
  const row = session.get(`SELECT count(*) FROM (${matches})`, [...parameters, limit]);
  return Number(row?.[0]);
}
