import { canonicalJson, sha256Hex, type Position } from '#kernel';
import type { Projection } from './projection.js';
import { CURSOR_LENGTH_MAX, QueryRefused, type Condition, type Sort } from './query.js';
import { isScalarOf, type Scalar } from './values.js';

/** The row after which the next page begins. */
export type Place = { readonly value: Scalar; readonly firstPosition: Position };

/** What a cursor is bound to. */
export type CursorScope = {
  readonly projection: Projection;
  readonly where: readonly Condition[];
  readonly sort: Sort | undefined;
};

const POSITION = /^(0|[1-9]\d{0,19})$/;

export function cursorOf(scope: CursorScope, place: Place): string {
  const { value, firstPosition } = place;
  const text = canonicalJson([sealOf(scope, place), value, firstPosition]);
  return Buffer.from(text).toString('base64url');
}

/** @throws QueryRefused `query.bad-cursor` when it is garbled or belongs to another query. */
export function placeOf(scope: CursorScope, cursor: unknown): Place {
  const place = typeof cursor === 'string' ? read(scope, cursor) : undefined;
  if (!place)
    throw new QueryRefused('query.bad-cursor', 'the cursor does not belong to this query');
  return place;
}

function read(scope: CursorScope, cursor: string): Place | undefined {
  if (cursor.length > CURSOR_LENGTH_MAX) return undefined;
  const parts = parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [seal, value, firstPosition] = parts as readonly unknown[];
  const kind = scope.sort ? scope.projection.fields[scope.sort.field]?.kind : undefined;
  if (typeof firstPosition !== 'string' || !POSITION.test(firstPosition)) return undefined;
  if (value !== null && (kind === undefined || !isScalarOf(kind, value))) return undefined;
  const place: Place = { value: value as Scalar, firstPosition };
  return seal === sealOf(scope, place) ? place : undefined;
}

/** Not a secret: it finds a cursor that was cut, changed or sent with another query. */
function sealOf({ projection, where, sort }: CursorScope, place: Place): string {
  const conditions = where.map(({ field, is, value }) => [field, is, value]);
  const order = sort ? [sort.field, sort.direction] : [];
  const bound = [projection.name, conditions, order, place.value, place.firstPosition];
  return sha256Hex(canonicalJson(bound)).slice(0, 16);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
