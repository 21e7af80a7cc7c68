import { isInstant, type Instant } from '#kernel';
import type { Moment } from '#complaints/contract';
import { UsageError } from './exit-status.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ZONED =
  /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const NUMBER = /^\d{1,6}$/;

/**
 * A moment as people write it: `2026-11-22T09:30Z`, any offset, or a day, which stands for its end
 * in UTC, so that what happened on the day is in.
 */
export function instantOf(text: string): Instant {
  const full = DAY.test(text) ? `${text}T23:59:59.999Z` : text;
  const millis = ZONED.test(full) ? Date.parse(full) : Number.NaN;
  if (Number.isFinite(millis)) {
    const instant = new Date(millis).toISOString();
    if (isInstant(instant) && isDay(full.slice(0, DAY_LENGTH))) return instant;
  }
  throw new UsageError(
    'usage.bad-moment',
    `"${text}" is no moment: write 2026-11-22T09:30Z or 2026-11-22`,
  );
}

const DAY_LENGTH = '2026-11-22'.length;

/** Date.parse makes the 2nd of March out of the 30th of February. */
function isDay(day: string): boolean {
  return isInstant(`${day}T00:00:00.000Z`);
}

/** A moment of a complaint: an instant, or the number of its events up to then. */
export function momentOf(text: string): Moment {
  return NUMBER.test(text) ? { event: Number(text) } : { at: instantOf(text) };
}
