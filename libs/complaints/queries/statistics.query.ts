import { setImmediate as turn } from 'node:timers/promises';
import { dayOf, instantFromMillis } from '#kernel';
import {
  checkWhere,
  FIND_LIMIT_MAX,
  GROUPS_MAX,
  QueryRefused,
  type Condition,
  type FieldValue,
  type Group,
  type GroupQuery,
  type ReadModels,
  type Row,
} from '#read-models/port';
import { monthOf, weekOf } from '../complaint/timeliness.policy.js';
import {
  dailyStatistics,
  type ComplaintFigures,
} from '../projections/daily-statistics.projection.js';
import { meets, narrowed } from './conditions.query.js';

/** What is counted day by day, and the field that holds the day. */
export const MEASURES = {
  received: 'receivedDay',
  acknowledged: 'acknowledgedDay',
  decided: 'decidedDay',
  closed: 'closedDay',
} as const;
export type Measure = keyof typeof MEASURES;

/** What takes a number of days from receipt, and the field that holds the number. */
export const DURATIONS = {
  acknowledgement: 'daysToAcknowledgement',
  decision: 'daysToDecision',
  closure: 'daysToClosure',
} as const;
export type Duration = keyof typeof DURATIONS;

export const INTERVALS = ['day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

/** A number, and the conditions that exactly the complaints behind it meet: see {@link lineageOf}. */
export type Figure = {
  readonly key: Group['key'];
  readonly count: number;
  readonly where: readonly Condition[];
};

type Counted = {
  /** Names of fields declared `group`; numbers are broken down by them. */
  readonly by: readonly string[];
  readonly where: readonly Condition[];
};

/**
 * How many complaints have each combination of values, largest first, and how many there are.
 * @throws QueryRefused `query.over-limit` when an answer would hold too many numbers.
 */
export async function countsOf(
  readModels: ReadModels,
  { by, where }: Counted,
): Promise<{ readonly total: number; readonly figures: readonly Figure[] }> {
  const groups = await groupsOf(readModels, { by, where });
  const total = await readModels.count(dailyStatistics, where);
  const figures = groups.map(({ key, count }) => ({
    key,
    count,
    where: narrowed(where, valuesIn(key)),
  }));
  return { total, figures };
}

export type SeriesQuery = Counted & { readonly measure: Measure; readonly interval: Interval };

/** One number of a series. */
export type Point = Figure & {
  /** `2026-11-22`, `2026-W47` or `2026-11`. */
  readonly interval: string;
};

/**
 * How many complaints were received, acknowledged, decided or closed in each interval, in order of
 * time, then of key. Intervals without any are left out.
 * @throws QueryRefused `query.over-limit` when days times keys are too many: narrow the period.
 */
export async function seriesOf(
  readModels: ReadModels,
  { measure, interval, by, where }: SeriesQuery,
): Promise<readonly Point[]> {
  const field = MEASURES[measure];
  const happened: Condition = { field, is: 'gte', value: FIRST_DAY };
  const groups = await groupsOf(readModels, {
    by: [field, ...by],
    where: narrowed([happened], where),
  });
  const points = new Map<string, Point>();
  for (const { key: found, count } of groups) {
    const { [field]: day, ...key } = found;
    if (typeof day !== 'string') continue;
    const span = spanOf(day, interval);
    const place = JSON.stringify([span.name, Object.values(key)]);
    const known = points.get(place);
    points.set(place, {
      interval: span.name,
      key,
      count: count + (known?.count ?? 0),
      where: known?.where ?? narrowed(where, [...boundsOf(field, span), ...valuesIn(key)]),
    });
  }
  return [...points.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, point]) => point);
}

/** Earlier than any complaint: what has not happened yet does not match it. */
const FIRST_DAY = '0001-01-01';

/** One bucket of a histogram; `upTo` days, inclusive, null for the one without an end. */
export type Bucket = Omit<Figure, 'key'> & { readonly upTo: number | null };

/**
 * How many complaints took how many days, and to how many it has not happened yet.
 * @throws QueryRefused
 */
export async function durationsOf(
  readModels: ReadModels,
  query: {
    readonly of: Duration;
    readonly bounds: readonly number[];
    readonly where: readonly Condition[];
  },
): Promise<{ readonly buckets: readonly Bucket[]; readonly notYet: Omit<Figure, 'key'> }> {
  const { bounds, where } = query;
  const field = DURATIONS[query.of];
  const { buckets, empty } = await readModels.histogram(dailyStatistics, { field, bounds, where });
  return {
    buckets: buckets.map(({ upTo, count }, index) => {
      const above = buckets[index - 1]?.upTo ?? null;
      const range: readonly Condition[] = [
        ...(above === null ? [] : [{ field, is: 'gt', value: above } as const]),
        ...(upTo === null ? [] : [{ field, is: 'lte', value: upTo } as const]),
      ];
      return { upTo, count, where: narrowed(where, range) };
    }),
    notYet: { count: empty, where: narrowed(where, [{ field, is: 'eq', value: null }]) },
  };
}

/** Rows read for one page of a lineage; a rarer value wants a shorter period. */
export const LINEAGE_ROWS_READ_MAX = 500_000;
const READS_MAX = LINEAGE_ROWS_READ_MAX / FIND_LIMIT_MAX;

export type LineageQuery = {
  readonly where: readonly Condition[];
  /** 1 to {@link FIND_LIMIT_MAX}. */
  readonly limit: number;
  readonly after?: string | undefined;
};

export type Lineage = {
  readonly rows: readonly Row<ComplaintFigures>[];
  /** Cursor of the next page. A page with one is full. */
  readonly next?: string | undefined;
};

/** Where in the reading a row was found: behind a cursor, so many rows on. */
type Place = { readonly after: string | undefined; readonly count: number };

/**
 * The complaints behind a number, in order of lodging; their rows name the events.
 * Only days are indexed for finding: other conditions are told from the rows, many at a time.
 * @throws QueryRefused `query.over-limit` when a page wants more than {@link LINEAGE_ROWS_READ_MAX}
 * rows read; `query.bad-cursor`.
 */
export async function lineageOf(readModels: ReadModels, query: LineageQuery): Promise<Lineage> {
  const { where, limit } = query;
  const indexed = where.filter(({ field }) => isIndexed(field));
  const others = where.filter(({ field }) => !isIndexed(field));
  const find = (limited: number, after: string | undefined) =>
    readModels.find(dailyStatistics, {
      where: indexed,
      limit: limited,
      ...(after === undefined ? {} : { after }),
    });
  if (others.length === 0) return await find(limit, query.after);
  // Nothing is read for these: it refuses what counting by these conditions would refuse.
  checkWhere(dailyStatistics, others, { for: 'count' });
  const rows: Row<ComplaintFigures>[] = [];
  let last: Place | undefined;
  let after = query.after;
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const found = await find(FIND_LIMIT_MAX, after);
    for (const [index, row] of found.rows.entries()) {
      if (!meets(row.document, others)) continue;
      // One more than wanted: only then is there a next page, and it begins behind the last wanted.
      if (last) return { rows, next: (await find(last.count, last.after)).next };
      rows.push(row);
      if (rows.length === limit) last = { after, count: index + 1 };
    }
    after = found.next;
    if (after === undefined) return { rows };
    // Others are to be answered between two reads.
    await turn();
  }
  if (last) return { rows, next: (await find(last.count, last.after)).next };
  throw new QueryRefused(
    'query.over-limit',
    `more than ${LINEAGE_ROWS_READ_MAX} rows to read: name a shorter period of days`,
  );
}

function isIndexed(field: string): boolean {
  const fields: Readonly<Record<string, { readonly filter?: true }>> = dailyStatistics.fields;
  // What is not known is left to the read model to refuse.
  return !Object.hasOwn(fields, field) || fields[field]?.filter === true;
}

async function groupsOf(readModels: ReadModels, query: GroupQuery): Promise<readonly Group[]> {
  const groups = await readModels.group(dailyStatistics, { ...query, limit: GROUPS_MAX });
  if (groups.length < GROUPS_MAX) return groups;
  throw new QueryRefused('query.over-limit', `${GROUPS_MAX} numbers or more: narrow the period`);
}

function valuesIn(key: Readonly<Record<string, FieldValue>>): readonly Condition[] {
  return Object.entries(key).map(([field, value]) => ({
    field,
    is: 'eq',
    // Fields that hold objects are not for grouping.
    value: value as Condition['value'],
  }));
}

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;

type Span = { readonly name: string; readonly first: string; readonly last: string };

/** The interval that a day lies in, with its first and last day. */
function spanOf(day: string, interval: Interval): Span {
  const at = Date.parse(day);
  switch (interval) {
    case 'day':
      return { name: day, first: day, last: day };
    case 'week': {
      const sinceMonday = (new Date(at).getUTCDay() + WEEK_DAYS - 1) % WEEK_DAYS;
      const monday = at - sinceMonday * DAY_MS;
      const sunday = monday + (WEEK_DAYS - 1) * DAY_MS;
      return { name: weekOf(day), first: dayAt(monday), last: dayAt(sunday) };
    }
    case 'month': {
      const date = new Date(at);
      const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0);
      return { name: monthOf(day), first: `${monthOf(day)}-01`, last: dayAt(last) };
    }
  }
}

function boundsOf(field: string, { first, last }: Span): readonly Condition[] {
  if (first === last) return [{ field, is: 'eq', value: first }];
  return [
    { field, is: 'gte', value: first },
    { field, is: 'lte', value: last },
  ];
}

function dayAt(millis: number): string {
  return dayOf(instantFromMillis(millis));
}
