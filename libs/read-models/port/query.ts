import type { FieldValue } from './projection.js';

export type Comparison = 'eq' | 'lt' | 'lte' | 'gt' | 'gte';

/** `eq` with null finds documents where the field is empty. Other comparisons never match empty. */
export type Condition = {
  readonly field: string;
  readonly is: Comparison;
  readonly value: Exclude<FieldValue, object>;
};

export type Sort = { readonly field: string; readonly direction: 'ascending' | 'descending' };

export type FindQuery = {
  readonly where?: readonly Condition[];
  /** By `id` when absent. Ties are ordered by `id`; empty values come first when ascending. */
  readonly sort?: Sort;
  /** 1 to {@link FIND_LIMIT_MAX}. */
  readonly limit: number;
  /** Opaque, from the page before; only good for the same where and sort. */
  readonly after?: string;
};

export type Found<Found> = {
  readonly rows: readonly Found[];
  /** Cursor of the next page; absent on the last one. */
  readonly next?: string;
};

export type GroupQuery = {
  /** One to {@link GROUP_FIELDS_MAX} fields declared `group`. */
  readonly by: readonly string[];
  readonly where?: readonly Condition[];
  /** Largest groups first; at most so many, {@link GROUPS_MAX} unless told. */
  readonly limit?: number;
};

export type Group = { readonly key: Readonly<Record<string, FieldValue>>; readonly count: number };

export type HistogramQuery = {
  /** An integer field declared `group`. */
  readonly field: string;
  /** Upper bounds, ascending, inclusive; a last bucket takes what lies beyond. */
  readonly bounds: readonly number[];
  readonly where?: readonly Condition[];
};

export type Bucket = { readonly upTo: number | null; readonly count: number };

export type Histogram = { readonly buckets: readonly Bucket[]; readonly empty: number };

export const FIND_LIMIT_MAX = 1_000;
export const GROUPS_MAX = 10_000;
export const GROUP_FIELDS_MAX = 4;
export const CONDITIONS_MAX = 16;

/** A query that names a field, comparison, value, limit or cursor that the projection does not allow. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';

  constructor(
    readonly code:
      | 'query.unknown-field'
      | 'query.not-filterable'
      | 'query.not-sortable'
      | 'query.not-groupable'
      | 'query.bad-value'
      | 'query.bad-cursor'
      | 'query.over-limit',
    message: string,
  ) {
    super(message);
  }
}
