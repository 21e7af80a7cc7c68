import type { Condition, Document } from '#read-models/port';

/** Where the complaints and events behind a number are listed. */
export const LINEAGE_ADDRESS = '/v1/statistics/complaints';

/** The address of the rows behind a number: the conditions that it was counted under. */
export function lineageOf(conditions: readonly Condition[]): string {
  const parameters = conditions.map(({ field, is, value }) => {
    if (value === null) return `${field}.empty=true`;
    const name = is === 'eq' ? field : `${field}.${is}`;
    return `${name}=${encodeURIComponent(String(value))}`;
  });
  return parameters.length === 0 ? LINEAGE_ADDRESS : `${LINEAGE_ADDRESS}?${parameters.join('&')}`;
}

/** True when a row meets all conditions; as the read models do it: order never matches empty. */
export function meets(document: Document, conditions: readonly Condition[]): boolean {
  return conditions.every(({ field, is, value }) => {
    const held = document[field] ?? null;
    if (is === 'eq') return held === value;
    if (held === null || value === null) return false;
    switch (is) {
      case 'lt':
        return held < value;
      case 'lte':
        return held <= value;
      case 'gt':
        return held > value;
      case 'gte':
        return held >= value;
    }
  });
}
