import type { Condition } from '#read-models/port';

/** Where the complaints and events behind a number are listed. */
export const LINEAGE_ADDRESS = '/v1/statistics/complaints';

/** The address of what is behind a number; each comparison with a field stands in it once. */
export function addressOf(where: readonly Condition[]): string {
  const parameters = where.map(({ field, is, value }) => {
    if (value === null) return `${field}.empty=true`;
    const name = is === 'eq' ? field : `${field}.${is}`;
    return `${name}=${encodeURIComponent(String(value))}`;
  });
  return parameters.length === 0 ? LINEAGE_ADDRESS : `${LINEAGE_ADDRESS}?${parameters.join('&')}`;
}
