import { isInstant } from '#kernel';
import { RequestRefused } from './problem.js';

/** Parameters of a query string, each given once. */
export type QueryParameters = { readonly [name: string]: string };

export const QUERY_PARAMETERS_MAX = 32;
export const PAGE_LIMIT_MAX = 200;
export const PAGE_LIMIT_DEFAULT = 50;

const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

/**
 * The query string as a plain record. `isKnown` tells which names the route has.
 * @throws RequestRefused `request.invalid` for unknown names, and for a name given twice.
 */
export function readQuery(query: unknown, isKnown: (name: string) => boolean): QueryParameters {
  const entries = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>);
  if (entries.length > QUERY_PARAMETERS_MAX) {
    throw new RequestRefused('request.invalid', `at most ${QUERY_PARAMETERS_MAX} parameters`);
  }
  const errors = entries.flatMap(([name, value]) => {
    const field = name.replaceAll(/[^\w.-]/g, '?').slice(0, 60);
    if (!isKnown(name)) return [{ field, message: 'is not known here' }];
    return typeof value === 'string' ? [] : [{ field, message: 'must be given once' }];
  });
  if (errors.length > 0) {
    const fields = errors.map((error) => error.field).join(', ');
    throw new RequestRefused('request.invalid', `not as described: ${fields}`, errors);
  }
  return Object.fromEntries(entries) as QueryParameters;
}

/** A parameter that is a whole number within bounds. @throws RequestRefused */
export function wholeNumberOf(
  query: QueryParameters,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = query[name];
  if (text === undefined) return undefined;
  const value = WHOLE_NUMBER.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badParameter(name, `must be a whole number from ${min} to ${max}`);
}

/** The page size a reader asks for. @throws RequestRefused */
export function limitOf(query: QueryParameters): number {
  return wholeNumberOf(query, 'limit', { min: 1, max: PAGE_LIMIT_MAX }) ?? PAGE_LIMIT_DEFAULT;
}

/** A parameter that is an instant. @throws RequestRefused */
export function instantOf(query: QueryParameters, name: string): string | undefined {
  const text = query[name];
  if (text === undefined || isInstant(text)) return text;
  throw badParameter(name, 'must be a moment such as 2026-11-22T09:30:00.000Z');
}

export function badParameter(field: string, message: string): RequestRefused {
  return new RequestRefused('request.invalid', `${field} ${message}`, [{ field, message }]);
}
