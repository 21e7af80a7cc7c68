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
const KEY_START = /^[A-Za-z$]/;
/** Text with nothing that JSON escapes and no surrogates: it is written as it stands. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;
/** Written keys that are remembered: events have a few hundred, labels may bring any. */
const KEYS_REMEMBERED_MAX = 2_000;
const writtenKeys = new Map<string, string>();

/**
 * Canonical JSON after RFC 8785 within the I-JSON limits that architecture fixes: keys begin with a
 * letter or `$`, numbers are safe integers or plain doubles, strings hold no lone surrogate.
 * Members whose value is `undefined` are left out, as JSON.stringify does.
 *
 * @throws NotCanonical naming the path of the first value that breaks a rule.
 */
export function canonicalJson(value: unknown): CanonicalJson {
  return write(value, []) as CanonicalJson;
}

/** Keys and indexes on the way to a value; made into text only when something is wrong there. */
type Path = (string | number)[];

function write(value: unknown, path: Path): string {
  switch (typeof value) {
    case 'string':
      return writeString(value, path);
    case 'number':
      return writeNumber(value, path);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (path.length >= DEPTH_MAX) throw notCanonical(path, `deeper than ${DEPTH_MAX} levels`);
      return Array.isArray(value)
        ? writeArray(value, path)
        : writeObject(value as Readonly<Record<string, unknown>>, path);
    default:
      throw notCanonical(path, `${typeof value} is not JSON`);
  }
}

function writeString(text: string, path: Path): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw notCanonical(path, 'lone surrogate in a string');
  return JSON.stringify(text);
}

function writeNumber(value: number, path: Path): string {
  if (!Number.isFinite(value)) throw notCanonical(path, `${value} is not JSON`);
  // An integer beyond 2^53 cannot be told from its neighbours once parsed, so it may not be stored.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw notCanonical(path, `${value} is not a safe integer; store it as a string`);
  }
  return JSON.stringify(value);
}

function writeArray(values: readonly unknown[], path: Path): string {
  let text = '[';
  // An index loop, because map() passes over the holes of a sparse array.
  for (let index = 0; index < values.length; index += 1) {
    path.push(index);
    text += (index > 0 ? ',' : '') + write(values[index], path);
    path.pop();
  }
  return `${text}]`;
}

function writeObject(object: Readonly<Record<string, unknown>>, path: Path): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notCanonical(path, 'only plain objects are stored');
  }
  let text = '{';
  let separator = '';
  for (const key of sortedKeys(object)) {
    const member = object[key];
    if (member === undefined) continue;
    path.push(key);
    text += separator + (writtenKeys.get(key) ?? writeKey(key, path)) + write(member, path);
    path.pop();
    separator = ',';
  }
  return `${text}}`;
}

function writeKey(key: string, path: Path): string {
  if (!KEY_START.test(key)) throw notCanonical(path, 'a key must begin with a letter or $');
  const written = `${writeString(key, path)}:`;
  if (writtenKeys.size < KEYS_REMEMBERED_MAX) writtenKeys.set(key, written);
  return written;
}

/** In order of UTF-16 code units (RFC 8785 §3.2.3), which is what sort() without arguments gives. */
function sortedKeys(object: object): readonly string[] {
  const keys = Object.keys(object);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.toSorted();
  }
  return keys;
}

function notCanonical(path: Path, problem: string): NotCanonical {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return new NotCanonical(`$${place}: ${problem}`);
}
