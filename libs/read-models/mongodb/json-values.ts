import { NotCanonical } from '#kernel';

const DEPTH_MAX = 64;
const KEY = /^[A-Za-z$]/;
/**
 * Keys that a server or a driver would take for something else: `$…` for an operator or a reference,
 * a dot for a path, NUL for the end. `%` because it begins what they are written as instead.
 */
const UNSAFE = /^\$|[.%\0]/g;
const WRITTEN = /%(?:24|2E|25|00)/g;

export type Storable = { readonly value: unknown; readonly escaped: boolean };

/**
 * A json field as it is stored: plain, so that analysts can look into it, unless a key is unsafe;
 * then as a copy with `%24`, `%2E`, `%25` and `%00` in keys.
 * @throws NotCanonical for what canonical JSON does not allow, as it would not come back the same.
 */
export function storable(value: unknown): Storable {
  const escaped = needsEscape(value, 0);
  return { value: escaped ? withKeys(value, escapeKey) : value, escaped };
}

/** What {@link storable} made, as it was. */
export function restored(value: unknown): unknown {
  return withKeys(value, unescapeKey);
}

function needsEscape(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      if (value.isWellFormed()) return false;
      throw new NotCanonical('lone surrogate in a string');
    case 'number':
      if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))) {
        return false;
      }
      throw new NotCanonical(`${value} is not stored`);
    case 'boolean':
      return false;
    case 'object':
      return value !== null && membersNeedEscape(value, depth);
    default:
      throw new NotCanonical(`${typeof value} is not JSON`);
  }
}

function membersNeedEscape(value: object, depth: number): boolean {
  if (depth >= DEPTH_MAX) throw new NotCanonical(`deeper than ${DEPTH_MAX} levels`);
  let unsafe = false;
  if (Array.isArray(value)) {
    // An index loop, because the others pass over the holes of a sparse array.
    for (let i = 0; i < value.length; i += 1) {
      if (needsEscape(value[i], depth + 1)) unsafe = true;
    }
    return unsafe;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCanonical('only plain objects are stored');
  }
  for (const [key, member] of Object.entries(value) as readonly [string, unknown][]) {
    if (member === undefined) continue;
    if (!KEY.test(key) || !key.isWellFormed()) {
      throw new NotCanonical('a key must begin with a letter or $');
    }
    if (key.search(UNSAFE) >= 0) unsafe = true;
    if (needsEscape(member, depth + 1)) unsafe = true;
  }
  return unsafe;
}

function withKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withKeys(one, rename));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value) as readonly [string, unknown][];
  return Object.fromEntries(
    members
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [rename(key), withKeys(member, rename)]),
  );
}

function escapeKey(key: string): string {
  return key.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, '0')}`;
  });
}

function unescapeKey(key: string): string {
  return key.replace(WRITTEN, (written) =>
    String.fromCharCode(Number.parseInt(written.slice(1), 16)),
  );
}
