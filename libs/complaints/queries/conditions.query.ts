import type { Condition, FieldValue } from '#read-models/port';

/** True when a document meets all conditions; as read models do it: order never matches empty. */
export function meets(document: object, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => meetsOne(document, condition));
}

function meetsOne(document: object, { field, is, value }: Condition): boolean {
  const has = (document as { readonly [name: string]: FieldValue })[field] ?? null;
  if (is === 'eq') return has === value;
  if (has === null || value === null || typeof has !== typeof value) return false;
  switch (is) {
    case 'lt':
      return has < value;
    case 'lte':
      return has <= value;
    case 'gt':
      return has > value;
    case 'gte':
      return has >= value;
  }
}

/**
 * Both lists of conditions in one, each comparison with a field at most once: of two bounds on the
 * same side the narrower one is left, so that every condition has its own name in a query string.
 */
export function narrowed(
  where: readonly Condition[],
  more: readonly Condition[],
): readonly Condition[] {
  const kept = new Map<string, Condition>();
  for (const condition of [...where, ...more]) {
    const name = `${condition.field} ${condition.is}`;
    const known = kept.get(name);
    if (!known || isNarrower(condition, known)) kept.set(name, condition);
  }
  return [...kept.values()];
}

function isNarrower({ is, value }: Condition, { value: than }: Condition): boolean {
  if (is === 'eq' || value === null || than === null) return true;
  return is === 'gt' || is === 'gte' ? value > than : value < than;
}
