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
  /**
   * By the first declared sort, ascending, when absent; by `firstPosition` when none is declared.
   * Ties are in order of `firstPosition`, in the direction of the sort. Empty values come first when
   * ascending, last when descending; text is in order of its code points.
   */
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
  /**
   * Largest groups first, groups of one size in order of their key; at most so many,
   * {@link GROUPS_MAX} unless told.
   */
  readonly limit?: number;
};

export type Group = { readonly key: Readonly<Record<string, FieldValue>>; readonly count: number };

export type HistogramQuery = {
  /** An integer field declared `group`. */
  readonly field: string;
  /** 1 to {@link BOUNDS_MAX} upper bounds, ascending, inclusive; a last bucket takes the rest. */
  readonly bounds: readonly number[];
  readonly where?: readonly Condition[];
};

export type Bucket = { readonly upTo: number | null; readonly count: number };

export type Histogram = { readonly buckets: readonly Bucket[]; readonly empty: number };

export const FIND_LIMIT_MAX = 1_000;
export const GROUPS_MAX = 10_000;
export const GROUP_FIELDS_MAX = 4;
export const CONDITIONS_MAX = 16;
export const BOUNDS_MAX = 100;
/** Characters of a value that is compared with. */
export const VALUE_LENGTH_MAX = 1_000;
export const CURSOR_LENGTH_MAX = 8_000;

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
