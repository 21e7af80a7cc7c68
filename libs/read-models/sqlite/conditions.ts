import { compareScalars, type Condition, type Scalar } from '#read-models/port';
import type { SqlValue } from './session.js';
import { quoted } from './table.js';

/** A piece of SQL whose values are bound, never written into it. */
export type Clause = { readonly sql: string; readonly parameters: readonly SqlValue[] };

/**
 * Not a bare `LIMIT ?`: SQLite plans by that parameter, and so compiles the statement again each time
 * it is bound.
 */
export const LIMIT = 'LIMIT ? + 0';

export type Bound = { readonly value: Scalar; readonly inclusive: boolean };

/** All that a query asks of one field: one value, or a range. Never both an equal and a bound. */
export type Demand = {
  readonly field: string;
  readonly equal?: { readonly value: Scalar };
  readonly lower?: Bound;
  readonly upper?: Bound;
};

/**
 * Gathers conditions by field, as SQLite starts at one bound of a range and checks a second one
 * row by row. Undefined when nothing can match.
 */
export function demandsOf(where: readonly Condition[]): readonly Demand[] | undefined {
  const demands = new Map<string, Demand>();
  for (const condition of where) {
    const known = demands.get(condition.field) ?? { field: condition.field };
    const narrower = narrowed(known, condition);
    if (!narrower) return undefined;
    demands.set(condition.field, narrower);
  }
  return [...demands.values()];
}

/** A demand with one more condition; undefined when they contradict each other. */
export function narrowed(demand: Demand, { is, value }: Condition): Demand | undefined {
  if (is === 'eq') {
    const { field } = demand;
    return allows(demand, value) ? { field, equal: { value } } : undefined;
  }
  const bound = { value, inclusive: is === 'lte' || is === 'gte' };
  const side = is === 'gt' || is === 'gte' ? 'lower' : 'upper';
  if (demand.equal) {
    return allows({ field: demand.field, [side]: bound }, demand.equal.value) ? demand : undefined;
  }
  const known = demand[side];
  return !known || isTighter(bound, known, side) ? { ...demand, [side]: bound } : demand;
}

function allows({ equal, lower, upper }: Demand, value: Scalar): boolean {
  if (equal) return equal.value === value;
  if (value === null) return !lower && !upper;
  const above = lower ? compareScalars(value, lower.value) : 1;
  const below = upper ? compareScalars(value, upper.value) : -1;
  return (
    (above > 0 || (above === 0 && lower?.inclusive === true)) &&
    (below < 0 || (below === 0 && upper?.inclusive === true))
  );
}

function isTighter(bound: Bound, known: Bound, side: 'lower' | 'upper'): boolean {
  const order = compareScalars(bound.value, known.value);
  if (order === 0) return known.inclusive && !bound.inclusive;
  return side === 'lower' ? order > 0 : order < 0;
}

export function clauseOf({ field, equal, lower, upper }: Demand): Clause {
  const column = quoted(field);
  if (equal?.value === null) return { sql: `${column} IS NULL`, parameters: [] };
  if (equal) return { sql: `${column} = ?`, parameters: [bindable(equal.value)] };
  const parts: string[] = [];
  const parameters: SqlValue[] = [];
  if (lower) {
    parts.push(`${column} ${lower.inclusive ? '>=' : '>'} ?`);
    parameters.push(bindable(lower.value));
  }
  if (upper) {
    parts.push(`${column} ${upper.inclusive ? '<=' : '<'} ?`);
    parameters.push(bindable(upper.value));
  }
  return { sql: parts.length > 0 ? parts.join(' AND ') : 'TRUE', parameters };
}

export function allOf(clauses: readonly Clause[]): Clause {
  if (clauses.length === 0) return { sql: 'TRUE', parameters: [] };
  return {
    sql: clauses.map(({ sql }) => sql).join(' AND '),
    parameters: clauses.flatMap(({ parameters }) => parameters),
  };
}

export function bindable(value: Scalar): SqlValue {
  return typeof value === 'boolean' ? Number(value) : value;
}
