import { isInstant } from '#kernel';
import type { FieldKind, FieldValue } from './projection.js';
import { VALUE_LENGTH_MAX } from './query.js';

/** A value that can be compared with: everything but json. */
export type Scalar = Exclude<FieldValue, object>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function isDay(text: string): boolean {
  return DAY.test(text) && isInstant(`${text}T00:00:00.000Z`);
}

/** True for a value that a column of this kind can hold and a query may name. */
export function isScalarOf(kind: FieldKind, value: unknown): value is Scalar {
  if (value === null) return kind !== 'json';
  switch (kind) {
    case 'string':
      return (
        typeof value === 'string' &&
        value.length <= VALUE_LENGTH_MAX &&
        !LONE_SURROGATE.test(value) &&
        !value.includes('\0')
      );
    case 'integer':
      return Number.isSafeInteger(value) && !Object.is(value, -0);
    case 'boolean':
      return typeof value === 'boolean';
    case 'instant':
      return typeof value === 'string' && isInstant(value);
    case 'day':
      return typeof value === 'string' && isDay(value);
    case 'json':
      return false;
  }
}

/** Orders two values of one field: empty first, false before true, text by code points. */
export function compareScalars(a: Scalar, b: Scalar): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a) - Number(b);
}

/**
 * By code points, as stores compare UTF-8 bytes. JavaScript's `<` goes by UTF-16 units and puts
 * U+FFFD after U+1F600.
 */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitA === unitB) continue;
    const [highA, highB] = [isSurrogate(unitA), isSurrogate(unitB)];
    if (highA !== highB) return highA ? 1 : -1;
    return unitA - unitB;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
