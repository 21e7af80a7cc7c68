/** JSON text in the one form that RFC 8785 allows; `canonicalJson(JSON.parse(text)) === text`. */
export type CanonicalJson = string & { readonly __canonicalJson: true };

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The value cannot be stored: canonical form would not survive being parsed and written again. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
  readonly code = 'event.not-canonical';
}

const DEPTH_MAX = 64;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const KEY_START = /^[A-Za-z$]/;

/**
 * Canonical JSON after RFC 8785 within the I-JSON limits that architecture fixes: keys begin with a
 * letter or `$`, numbers are safe integers or plain doubles, strings hold no lone surrogate.
 * Members whose value is `undefined` are left out, as JSON.stringify does.
 *
 * @throws NotCanonical naming the path of the first value that breaks a rule.
 */
export function canonicalJson(value: unknown): CanonicalJson {
  return write(value, '$', 0) as CanonicalJson;
}

function write(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, path);
    case 'number':
      return writeNumber(value, path);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= DEPTH_MAX) throw new NotCanonical(`${path}: deeper than ${DEPTH_MAX} levels`);
      return Array.isArray(value)
        ? writeArray(value, path, depth)
        : writeObject(value as Readonly<Record<string, unknown>>, path, depth);
    default:
      throw new NotCanonical(`${path}: ${typeof value} is not JSON`);
  }
}

function writeString(text: string, path: string): string {
  if (LONE_SURROGATE.test(text)) throw new NotCanonical(`${path}: lone surrogate in a string`);
  return JSON.stringify(text);
}

function writeNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw new NotCanonical(`${path}: ${value} is not JSON`);
  // An integer beyond 2^53 cannot be told from its neighbours once parsed, so it may not be stored.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new NotCanonical(`${path}: ${value} is not a safe integer; store it as a string`);
  }
  return JSON.stringify(value);
}

function writeArray(values: readonly unknown[], path: string, depth: number): string {
  const parts = values.map((value, index) => write(value, `${path}[${index}]`, depth + 1));
  return `[${parts.join(',')}]`;
}

function writeObject(
  object: Readonly<Record<string, unknown>>,
  path: string,
  depth: number,
): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotCanonical(`${path}: only plain objects are stored`);
  }
  let text = '{';
  // RFC 8785 §3.2.3 orders keys by UTF-16 code units, which is what sort() without arguments does.
  for (const key of Object.keys(object).toSorted()) {
    const member = object[key];
    if (member === undefined) continue;
    if (!KEY_START.test(key)) {
      throw new NotCanonical(`${path}: key ${JSON.stringify(key)} must begin with a letter or $`);
    }
    const name = writeString(key, path);
    text += `${text.length > 1 ? ',' : ''}${name}:${write(member, `${path}.${key}`, depth + 1)}`;
  }
  return `${text}}`;
}
