/** A moment: ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T09:30:00.000Z`. Sorts as text. */
export type Instant = string;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** True when `text` is an instant in the one stored form and names a moment that exists. */
export function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const millis = Date.parse(text);
  return Number.isFinite(millis) && new Date(millis).toISOString() === text;
}

/** The instant of a number of milliseconds since 1970-01-01T00:00:00Z. */
export function instantFromMillis(millis: number): Instant {
  return new Date(millis).toISOString();
}

/** Milliseconds since 1970-01-01T00:00:00Z. Expects a valid instant. */
export function millisOf(instant: Instant): number {
  return Date.parse(instant);
}

/** The UTC day an instant falls on, as `2026-11-22`. */
export function dayOf(instant: Instant): string {
  return instant.slice(0, 10);
}

/** Whole UTC days from one instant's day to another's; negative when `to` lies before `from`. */
export function daysBetween(from: Instant, to: Instant): number {
  return Math.round((Date.parse(dayOf(to)) - Date.parse(dayOf(from))) / 86_400_000);
}
