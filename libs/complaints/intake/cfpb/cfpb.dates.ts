import { instantFromMillis, type Instant } from '#kernel';

/** The CFPB writes the days of its own offices. */
export const CFPB_ZONE = 'America/New_York';

const US_DAY = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;
const YEAR_MIN = 1900;
const DAY_MS = 86_400_000;

const offsetFormat = new Intl.DateTimeFormat('en-US', {
  timeZone: CFPB_ZONE,
  timeZoneName: 'longOffset',
});

/** Days asked for before; an export of ten years has 3,650 of them. */
const DAYS_KEPT_MAX = 10_000;
const knownDays = new Map<string, Instant | undefined>();

/**
 * The moment that a date of the export names: `m/d/yyyy`, an ISO date, or an ISO timestamp.
 * A date without a time is the beginning of that day in New York, because the file knows no hour;
 * its UTC day is then the same day. Undefined when the text is no date that exists.
 */
export function instantOfDate(text: string): Instant | undefined {
  if (knownDays.has(text)) return knownDays.get(text);
  const instant = parse(text);
  if (knownDays.size >= DAYS_KEPT_MAX) knownDays.clear();
  knownDays.set(text, instant);
  return instant;
}

function parse(text: string): Instant | undefined {
  const us = US_DAY.exec(text);
  if (us) return startOfDay(Number(us[3]), Number(us[1]), Number(us[2]));
  const iso = ISO_DAY.exec(text);
  if (iso) return startOfDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const stamp = TIMESTAMP.exec(text);
  return stamp ? momentOf(stamp) : undefined;
}

function startOfDay(year: number, month: number, day: number): Instant | undefined {
  const midnight = dayMillis(year, month, day);
  return midnight === undefined ? undefined : inNewYork(midnight);
}

function momentOf(stamp: RegExpExecArray): Instant | undefined {
  const [, year, month, day, hour = '', minute = '', second = '0', fraction = '', zone] = stamp;
  const midnight = dayMillis(Number(year), Number(month), Number(day));
  if (midnight === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  const wall = midnight + time + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (zone === undefined) return inNewYork(wall);
  return instantFromMillis(wall - offsetMillis(zone));
}

/** Midnight UTC of a day of the calendar; undefined for the 30th of February. */
function dayMillis(year: number, month: number, day: number): number | undefined {
  const millis = Date.UTC(year, month - 1, day);
  const date = new Date(millis);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists && year >= YEAR_MIN ? millis : undefined;
}

/** Reads a wall-clock time as New York's. In the hour that autumn repeats, the first of the two. */
function inNewYork(wall: number): Instant {
  // The offset of the day before is right but on the day the clocks change; then try once more.
  const guess = wall - offsetAt(wall - DAY_MS);
  return instantFromMillis(wall - offsetAt(guess));
}

function offsetAt(millis: number): number {
  const part = offsetFormat.formatToParts(millis).find(({ type }) => type === 'timeZoneName');
  return offsetMillis((part?.value ?? 'GMT').replace('GMT', ''));
}

/** `-05:00` as milliseconds; 0 for `Z` and for nothing. */
function offsetMillis(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})/.exec(zone);
  if (!match) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
