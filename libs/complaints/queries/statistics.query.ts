import { dayOf, instantFromMillis } from '#kernel';
import {
  FIND_LIMIT_MAX,
  GROUPS_MAX,
  QueryRefused,
  type Condition,
  type FieldValue,
  type Group,
  type ReadModels,
  type Row,
} from '#read-models/port';
import { monthOf, weekOf } from '../complaint/timeliness.policy.js';
import {
  dailyStatistics,
  type ComplaintFigures,
} from '../projections/daily-statistics.projection.js';

/** What is counted, each on the day it happened, and where its events are named. */
export const MEASURES = {
  received: { day: 'receivedDay', eventId: 'lodgedEventId' },
  acknowledged: { day: 'acknowledgedDay', eventId: 'acknowledgedEventId' },
  decided: { day: 'decidedDay', eventId: 'decidedEventId' },
  closed: { day: 'closedDay', eventId: 'closedEventId' },
} as const;
export type Measure = keyof typeof MEASURES;

export const INTERVALS = ['day', 'week', 'month'] as const;
export type Interval = (typeof INTERVALS)[number];

/** What numbers can be broken down by. */
export const DIMENSIONS = [
  'product',
  'subProduct',
  'issue',
  'subIssue',
  'channel',
  'unit',
  'respondent',
  'priority',
  'outcome',
  'finding',
  'timely',
  'closureReason',
  'disputed',
  'reopened',
  'withdrawn',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** UTC days, both inclusive; what is left out does not limit. */
export type Period = { readonly from?: string | undefined; readonly to?: string | undefined };

export type SeriesQuery = Period & {
  readonly measure: Measure;
  readonly interval: Interval;
  readonly by?: Dimension | undefined;
};

/** One number of a series. */
export type Point = {
  /** `2026-11-22`, `2026-W47` or `2026-11`. */
  readonly interval: string;
  /** Value of the dimension; null where it is empty, and where none was asked for. */
  readonly key: FieldValue;
  readonly count: number;
};

/**
 * How many complaints were received, acknowledged, decided or closed in each interval, by a
 * dimension; intervals and keys in order. Intervals without any are left out.
 * @throws QueryRefused `query.over-limit` when days times keys are too many: narrow the period.
 */
export async function seriesOf(
  readModels: ReadModels,
  query: SeriesQuery,
): Promise<readonly Point[]> {
  const { measure, interval, by } = query;
  const { day } = MEASURES[measure];
  const groups = await readModels.group(dailyStatistics, {
    by: by === undefined ? [day] : [day, by],
    where: within(day, query),
    limit: GROUPS_MAX,
  });
  refuseTruncated(groups);
  const points = new Map<string, Point>();
  for (const { key, count } of groups) {
    const happened = key[day];
    if (typeof happened !== 'string') continue;
    const name = intervalOf(happened, interval);
    const value = by === undefined ? null : (key[by] ?? null);
    const place = JSON.stringify([name, value]);
    const known = points.get(place);
    points.set(place, { interval: name, key: value, count: count + (known?.count ?? 0) });
  }
  return [...points.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, point]) => point);
}

/**
 * How many complaints of a period have each value of a dimension; largest first.
 * @throws QueryRefused
 */
export async function countsOf(
  readModels: ReadModels,
  query: Period & { readonly measure: Measure; readonly by: Dimension },
): Promise<readonly { readonly key: FieldValue; readonly count: number }[]> {
  const { day } = MEASURES[query.measure];
  const groups = await readModels.group(dailyStatistics, {
    by: [query.by],
    // Without a lower bound, complaints to which it has not happened yet would count as well.
    where: within(day, { ...query, from: query.from ?? FIRST_DAY }),
    limit: GROUPS_MAX,
  });
  refuseTruncated(groups);
  return groups.map(({ key, count }) => ({ key: key[query.by] ?? null, count }));
}

/** Earlier than any complaint. */
const FIRST_DAY = '0001-01-01';

/** Most days whose complaints one lineage can name: a month and what a leap month needs. */
export const LINEAGE_DAYS_MAX = 366;
/** Most complaints on one page of a lineage. */
export const LINEAGE_LIMIT_MAX = 200;
/** Most reads for one page; a page may come out short, with a cursor, rather than late. */
const LINEAGE_READS_MAX = 64;

export type LineageQuery = {
  readonly measure: Measure;
  /** UTC days, both inclusive, at most {@link LINEAGE_DAYS_MAX} apart. */
  readonly from: string;
  readonly to: string;
  readonly where?:
    { readonly dimension: Dimension; readonly value: Condition['value'] } | undefined;
  /** 1 to {@link LINEAGE_LIMIT_MAX}. */
  readonly limit: number;
  readonly after?: string | undefined;
};

/** A complaint that counts, and the event that makes it count. */
export type Origin = {
  readonly complaint: string;
  readonly day: string;
  readonly eventId: string;
};

export type Lineage = { readonly origins: readonly Origin[]; readonly next?: string };

/**
 * The complaints and events behind a number of {@link seriesOf} or {@link countsOf}, by day and order of lodging.
 * @throws QueryRefused `query.over-limit`, `query.bad-cursor`, `query.bad-value`
 */
export async function lineageOf(readModels: ReadModels, query: LineageQuery): Promise<Lineage> {
  const { measure, limit, where } = query;
  const { day: field, eventId } = MEASURES[measure];
  const days = daysOf(query);
  if (!(limit >= 1 && limit <= LINEAGE_LIMIT_MAX)) {
    throw new QueryRefused('query.over-limit', `limit: 1 to ${LINEAGE_LIMIT_MAX}`);
  }
  const origins: Origin[] = [];
  let { index, inner } = placeOf(query.after, days);
  for (let reads = 0; index < days.length && reads < LINEAGE_READS_MAX; reads += 1) {
    const day = days[index] ?? '';
    const room = limit - origins.length;
    const found = await readModels.find(dailyStatistics, {
      where: [{ field, is: 'eq', value: day }],
      // Rows are dropped by the dimension afterwards: reading more than is wanted would lose the
      // place of the ones that no longer fit.
      limit: Math.min(room, FIND_LIMIT_MAX),
      ...(inner === undefined ? {} : { after: inner }),
    });
    origins.push(
      ...found.rows
        .filter(({ document }) => !where || document[where.dimension] === where.value)
        .map((row) => originOf(row, day, eventId)),
    );
    inner = found.next;
    if (inner === undefined) index += 1;
    if (origins.length >= limit) break;
  }
  const next = days[index];
  return { origins, ...(next === undefined ? {} : { next: cursorOf(next, inner) }) };
}

function originOf(
  { id, document }: Row<ComplaintFigures>,
  day: string,
  eventId: (typeof MEASURES)[Measure]['eventId'],
): Origin {
  return { complaint: id, day, eventId: document[eventId] ?? '' };
}

function within(field: string, { from, to }: Period): readonly Condition[] {
  return [
    ...(from === undefined ? [] : [{ field, is: 'gte', value: from } as const]),
    ...(to === undefined ? [] : [{ field, is: 'lte', value: to } as const]),
  ];
}

function refuseTruncated(groups: readonly Group[]): void {
  if (groups.length < GROUPS_MAX) return;
  throw new QueryRefused('query.over-limit', `more than ${GROUPS_MAX} numbers: narrow the period`);
}

function intervalOf(day: string, interval: Interval): string {
  switch (interval) {
    case 'day':
      return day;
    case 'week':
      return weekOf(day);
    case 'month':
      return monthOf(day);
  }
}

const DAY_MS = 86_400_000;

function daysOf({ from, to }: { readonly from: string; readonly to: string }): readonly string[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  if (!Number.isFinite(first) || !Number.isFinite(last)) {
    throw new QueryRefused('query.bad-value', 'from and to are UTC days such as 2026-11-22');
  }
  const count = Math.round((last - first) / DAY_MS) + 1;
  if (count > LINEAGE_DAYS_MAX) {
    throw new QueryRefused('query.over-limit', `at most ${LINEAGE_DAYS_MAX} days at once`);
  }
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    dayOf(instantFromMillis(first + index * DAY_MS)),
  );
}

function cursorOf(day: string, inner: string | undefined): string {
  return Buffer.from(JSON.stringify([day, inner ?? ''])).toString('base64url');
}

function placeOf(
  after: string | undefined,
  days: readonly string[],
): { readonly index: number; readonly inner: string | undefined } {
  if (after === undefined) return { index: 0, inner: undefined };
  const [, day, inner] =
    /^\["(\d{4}-\d{2}-\d{2})","([^"\\]*)"\]$/.exec(Buffer.from(after, 'base64url').toString()) ??
    [];
  const index = day === undefined ? -1 : days.indexOf(day);
  if (index < 0) throw new QueryRefused('query.bad-cursor', 'the cursor belongs to another query');
  return { index, inner: inner === '' ? undefined : inner };
}
