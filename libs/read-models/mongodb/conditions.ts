import type { Filter } from 'mongodb';
import type { Comparison, Condition } from '#read-models/port';
import type { ModelRecord } from './model-record.js';
import type { Stored } from './model-collection.js';

const OPERATORS: Readonly<Record<Comparison, string>> = {
  eq: '$eq',
  lt: '$lt',
  lte: '$lte',
  gt: '$gt',
  gte: '$gte',
};

/** One thing that is asked of a field. Values stand behind an operator always, never in its place. */
export type Clause = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function clauseOf({ field, is, value }: Condition): Clause {
  return { [field]: { [OPERATORS[is]]: value } };
}

/** Rows of the build that the record describes, and of them those that match all clauses. */
export function rowsWhere(
  { generation }: Pick<ModelRecord, 'generation'>,
  clauses: readonly Clause[],
): Filter<Stored> {
  const shown = { _generation: generation, _gone: { $exists: false } };
  return clauses.length === 0 ? shown : { $and: [...clauses], ...shown };
}
