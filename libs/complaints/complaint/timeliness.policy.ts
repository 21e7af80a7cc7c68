import { dayOf, daysBetween, type Instant } from '#kernel';

export const TIMELINESS = ['timely', 'late'] as const;
export type Timeliness = (typeof TIMELINESS)[number];

/**
 * Whether a decision came in time: the source's own verdict where it gave one, else measured
 * against the moment that the acknowledgement promised; null where nothing was promised.
 */
export function timelinessOf(
  decision: { readonly timely?: boolean; readonly decidedAt: Instant },
  respondBy: Instant | null,
): Timeliness | null {
  if (decision.timely !== undefined) return decision.timely ? 'timely' : 'late';
  if (respondBy === null) return null;
  return decision.decidedAt <= respondBy ? 'timely' : 'late';
}

/**
 * The source's verdict on a complaint that has no decision yet, because an answer "in progress" can
 * be timely too; null where it gave none.
 */
export function statedTimeliness(
  source: { readonly timely?: boolean } | undefined,
): Timeliness | null {
  if (source?.timely === undefined) return null;
  return source.timely ? 'timely' : 'late';
}

/** Whole UTC days between two moments; null while one of them is not known. */
export function daysUntil(from: Instant, to: Instant | null): number | null {
  return to === null ? null : daysBetween(from, to);
}

const DAY_MS = 86_400_000;
const THURSDAY = 4;

/** The ISO 8601 week of an instant's UTC day, `2026-W47`: weeks begin on Monday, and belong to the
 * year that has their Thursday. */
export function weekOf(instant: Instant): string {
  const day = Date.parse(dayOf(instant));
  const weekday = new Date(day).getUTCDay() || 7;
  const thursday = day + (THURSDAY - weekday) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = Math.floor((thursday - new Date(thursday).setUTCMonth(0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The UTC month of an instant, `2026-11`. */
export function monthOf(instant: Instant): string {
  return instant.slice(0, 7);
}
