import { cursorOf, placeOf, type CursorScope, type Place } from './cursor.js';
import type { Document, Field, Projection, Row } from './projection.js';
import {
  BOUNDS_MAX,
  CONDITIONS_MAX,
  FIND_LIMIT_MAX,
  GROUP_FIELDS_MAX,
  GROUPS_MAX,
  QueryRefused,
  type Condition,
  type FindQuery,
  type Found,
  type GroupQuery,
  type HistogramQuery,
  type Sort,
} from './query.js';
import { isScalarOf, type Scalar } from './values.js';

const COMPARISONS: ReadonlySet<unknown> = new Set(['eq', 'lt', 'lte', 'gt', 'gte']);
const DIRECTIONS: ReadonlySet<unknown> = new Set(['ascending', 'descending']);

/** A find that may be carried out: every name in it is declared, every value fits its field. */
export type CheckedFind = CursorScope & {
  readonly limit: number;
  readonly after: Place | undefined;
};

// Queries come from outside, so each check holds for any value, whatever the types promise.

/** @throws QueryRefused */
export function checkFind(projection: Projection, query: FindQuery): CheckedFind {
  const sort = sortOf(projection, query.sort);
  const where = checkWhere(projection, query.where ?? [], { for: 'find', sort });
  checkLimit(query.limit, FIND_LIMIT_MAX);
  const scope = { projection, where, sort };
  const after = query.after === undefined ? undefined : placeOf(scope, query.after);
  return { ...scope, limit: query.limit, after };
}

/**
 * The answer to a find, from the rows in order: `limit` of them, and one more if there are more,
 * whose presence says that a next page exists.
 */
export function foundPage<Doc extends Document>(
  find: CheckedFind,
  found: readonly Row[],
): Found<Row<Doc>> {
  // The adapter read what the projection of this very document type had stored.
  const rows = found.slice(0, find.limit) as readonly Row[] as readonly Row<Document & Doc>[];
  const last: Row | undefined = rows.at(-1);
  if (found.length <= find.limit || !last) return { rows };
  const value = find.sort ? (last.document[find.sort.field] as Scalar) : null;
  return { rows, next: cursorOf(find, { value, firstPosition: last.firstPosition }) };
}

/** What conditions are for decides which fields they may name. */
export type WhereUse =
  { readonly for: 'find'; readonly sort: Sort | undefined } | { readonly for: 'count' };

/**
 * Conditions of a find name fields declared `filter`, or are ranges of the field it sorts by; those
 * of a count name fields declared `filter` or `group`.
 * @throws QueryRefused
 */
export function checkWhere(
  projection: Projection,
  where: readonly Condition[],
  use: WhereUse,
): readonly Condition[] {
  if (!Array.isArray(where)) throw new QueryRefused('query.bad-value', 'where is not a list');
  if (where.length > CONDITIONS_MAX) {
    throw new QueryRefused('query.over-limit', `at most ${CONDITIONS_MAX} conditions`);
  }
  for (const { field: name, is, value } of where as readonly Condition[]) {
    const field = fieldOf(projection, name);
    if (!isUsable(field, { name, is }, use)) {
      const ranges = use.for === 'find' && field.sort;
      const only = ranges ? '; only its ranges can be asked for, in the order of that field' : '';
      throw new QueryRefused('query.not-filterable', `${name} is not declared as a filter${only}`);
    }
    if (!COMPARISONS.has(is))
      throw new QueryRefused('query.bad-value', `${name}: no such comparison`);
    const ordered = value !== null && field.kind !== 'boolean';
    if (!isScalarOf(field.kind, value) || (is !== 'eq' && !ordered)) {
      throw new QueryRefused(
        'query.bad-value',
        `${name}: not a value of kind ${field.kind} for ${is}`,
      );
    }
    refuseUnknownWord(field, { name, is, value });
  }
  return where as readonly Condition[];
}

/** A slip of the pen would else answer that there are none. */
function refuseUnknownWord({ words }: Field, { name, is, value }: WordAsked): void {
  if (!words || is !== 'eq' || value === null || words.includes(String(value))) return;
  throw new QueryRefused('query.bad-value', `${name}: must be one of ${words.join(', ')}`);
}

type WordAsked = Omit<Condition, 'field'> & { readonly name: string };

/** A range of the sort is a part of its index, so that it costs nothing to allow. */
function isUsable(
  field: Field,
  { name, is }: { readonly name: string; readonly is: unknown },
  use: WhereUse,
): boolean {
  if (field.filter) return true;
  if (use.for === 'count') return field.group === true;
  return is !== 'eq' && use.sort?.field === name;
}

/** @throws QueryRefused */
export function checkGroup(projection: Projection, query: GroupQuery): Required<GroupQuery> {
  const { by, limit = GROUPS_MAX } = query;
  if (!Array.isArray(by) || by.length < 1 || by.length > GROUP_FIELDS_MAX) {
    throw new QueryRefused('query.over-limit', `1 to ${GROUP_FIELDS_MAX} fields to group by`);
  }
  for (const name of by as readonly string[]) groupableOf(projection, name);
  if (new Set(by).size !== by.length) {
    throw new QueryRefused('query.bad-value', 'a field to group by is named twice');
  }
  checkLimit(limit, GROUPS_MAX);
  return {
    by: by as readonly string[],
    limit,
    where: checkWhere(projection, query.where ?? [], { for: 'count' }),
  };
}

/** @throws QueryRefused */
export function checkHistogram(
  projection: Projection,
  query: HistogramQuery,
): Required<HistogramQuery> {
  const { field, bounds } = query;
  if (groupableOf(projection, field).kind !== 'integer') {
    throw new QueryRefused('query.not-groupable', `${field} is not an integer`);
  }
  if (!Array.isArray(bounds) || bounds.length < 1 || bounds.length > BOUNDS_MAX) {
    throw new QueryRefused('query.over-limit', `1 to ${BOUNDS_MAX} bounds`);
  }
  const ascending = (bounds as readonly number[]).every(
    (bound, i) =>
      isScalarOf('integer', bound) && bound !== null && (i === 0 || bound > Number(bounds[i - 1])),
  );
  if (!ascending) throw new QueryRefused('query.bad-value', 'bounds are not ascending integers');
  return { field, bounds, where: checkWhere(projection, query.where ?? [], { for: 'count' }) };
}

function sortOf(projection: Projection, sort: Sort | undefined): Sort | undefined {
  if (sort === undefined) {
    const first = Object.keys(projection.fields).find((name) => projection.fields[name]?.sort);
    return first === undefined ? undefined : { field: first, direction: 'ascending' };
  }
  if (!fieldOf(projection, sort.field).sort) {
    throw new QueryRefused('query.not-sortable', `${sort.field} is not declared as a sort`);
  }
  if (!DIRECTIONS.has(sort.direction)) {
    throw new QueryRefused('query.bad-value', 'no such direction');
  }
  return sort;
}

function groupableOf(projection: Projection, name: string): Field {
  const field = fieldOf(projection, name);
  if (field.group) return field;
  throw new QueryRefused('query.not-groupable', `${name} is not declared as a group`);
}

function fieldOf(projection: Projection, name: unknown): Field {
  const known = typeof name === 'string' && Object.hasOwn(projection.fields, name);
  const field = known ? projection.fields[name] : undefined;
  if (!field) throw new QueryRefused('query.unknown-field', `${projection.name} has no such field`);
  return field;
}

function checkLimit(limit: unknown, max: number): void {
  if (Number.isSafeInteger(limit) && Number(limit) >= 1 && Number(limit) <= max) return;
  throw new QueryRefused('query.over-limit', `limit is not 1 to ${max}`);
}
