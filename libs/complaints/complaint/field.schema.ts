import { isInstant, reject, type Rejection } from '#kernel';
import type { RefusalCode } from './complaint.refusals.js';

/** Written forms with a grammar of their own. */
export type Form =
  'instant' | 'day' | 'zone' | 'language' | 'country' | 'currency' | 'decimal' | 'sha256';

type Shape =
  | { readonly kind: 'text'; readonly lengthMax: number }
  | { readonly kind: 'word'; readonly words: readonly string[] }
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'object'; readonly fields: Fields }
  | {
      readonly kind: 'list';
      readonly of: FieldSchema;
      readonly countMax: number;
      readonly countMin?: number;
    }
  | { readonly kind: 'labels'; readonly lengthMax: number; readonly countMax: number };

/** One field of an event's data. */
export type FieldSchema = Shape & {
  readonly optional?: true;
  /** May hold null, which says that it is known not to be known. */
  readonly nullable?: true;
  /** Personal data, on its own or with what stands in it. */
  readonly personal?: true;
};

export type Fields = { readonly [name: string]: FieldSchema };

/** What was made of given data: a plain copy with nothing but declared fields, or a refusal. */
export type Conformed =
  { readonly kind: 'conforms'; readonly value: unknown } | Rejection<RefusalCode>;

const FORMS: { readonly [Name in Exclude<Form, 'instant' | 'day'>]: RegExp } = {
  zone: /^[A-Za-z]{1,32}(\/[A-Za-z0-9_+-]{1,32}){0,3}$/,
  language: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/,
  country: /^[A-Z]{2}$/,
  currency: /^[A-Z]{3}$/,
  decimal: /^(0|[1-9]\d{0,14})(\.\d{1,4})?$/,
  sha256: /^[0-9a-f]{64}$/,
};

/**
 * Holds given data against its schema. Members that are undefined count as not given. Messages
 * name the path and never the value, which may be personal data.
 */
export function conform(schema: FieldSchema, value: unknown, path: string): Conformed {
  const trace: Trace = { path: path === '' ? [] : [path], refusal: undefined };
  const copy = copyOf(schema, value, trace);
  return trace.refusal ?? { kind: 'conforms', value: copy };
}

/** Names and indexes on the way to a value, made into text only for a refusal; and the refusal. */
type Trace = {
  readonly path: (string | number)[];
  refusal: Rejection<RefusalCode> | undefined;
};

/** The plain copy of a value; undefined where it was refused, which then stands in the trace. */
function copyOf(schema: FieldSchema, value: unknown, trace: Trace): unknown {
  if (value === null) return schema.nullable ? null : bad(trace);
  switch (schema.kind) {
    case 'list':
      return copyOfList(schema, value, trace);
    case 'object':
      return isRecord(value) ? copyOfObject(schema.fields, value, trace) : bad(trace);
    case 'labels':
      return isRecord(value) ? copyOfLabels(schema, value, trace) : bad(trace);
    default:
      return copyOfLeaf(schema, value, trace);
  }
}

/** A lone surrogate has no UTF-8 form, and a NUL ends the text in some stores. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

type LeafSchema = Exclude<FieldSchema, { readonly kind: 'list' | 'object' | 'labels' }>;

function copyOfLeaf(schema: LeafSchema, value: unknown, trace: Trace): unknown {
  if (schema.kind === 'integer') return isIntegerWithin(value, schema) ? value : bad(trace);
  if (schema.kind === 'boolean') return typeof value === 'boolean' ? value : bad(trace);
  if (typeof value !== 'string') return bad(trace);
  if (schema.kind === 'word') return schema.words.includes(value) ? value : bad(trace);
  if (schema.kind === 'form') return hasForm(schema.form, value) ? value : bad(trace);
  if (value.trim() === '' || !isStorable(value)) return bad(trace);
  return value.length <= schema.lengthMax ? value : tooLong(trace, schema.lengthMax);
}

function copyOfObject(
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  trace: Trace,
): unknown {
  for (const name in value) {
    if (value[name] !== undefined && !Object.hasOwn(fields, name)) {
      return refuse(trace, 'field.unknown', 'has a field it cannot have');
    }
  }
  const copy: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name];
    const member = value[name];
    if (!field || (member === undefined && field.optional)) continue;
    trace.path.push(name);
    if (member === undefined) return refuse(trace, 'field.missing', 'is missing');
    copy[name] = copyOf(field, member, trace);
    if (trace.refusal) return undefined;
    trace.path.pop();
  }
  return copy;
}

function copyOfList(
  schema: Extract<FieldSchema, { readonly kind: 'list' }>,
  value: unknown,
  trace: Trace,
): unknown {
  if (!Array.isArray(value)) return bad(trace);
  const { countMin = 0, countMax } = schema;
  if (value.length < countMin) return refuse(trace, 'field.missing', `at least ${countMin}`);
  if (value.length > countMax) return refuse(trace, 'field.too-many', `at most ${countMax}`);
  const copy: unknown[] = [];
  for (const [index, item] of value.entries()) {
    trace.path.push(index);
    copy.push(copyOf(schema.of, item, trace));
    if (trace.refusal) return undefined;
    trace.path.pop();
  }
  return copy;
}

/** Names begin with a letter, as every stored key does. */
const LABEL_NAME = /^[A-Za-z][A-Za-z0-9 _?-]{0,63}$/;

function copyOfLabels(
  schema: Extract<FieldSchema, { readonly kind: 'labels' }>,
  value: Readonly<Record<string, unknown>>,
  trace: Trace,
): unknown {
  const entries = Object.entries(value).filter(([, label]) => label !== undefined);
  if (entries.length > schema.countMax) {
    return refuse(trace, 'field.too-many', `at most ${schema.countMax}`);
  }
  for (const [name, label] of entries) {
    if (!LABEL_NAME.test(name) || typeof label !== 'string' || !isStorable(label))
      return bad(trace);
    if (label.length > schema.lengthMax) return tooLong(trace, schema.lengthMax);
  }
  return Object.fromEntries(entries);
}

function bad(trace: Trace): undefined {
  return refuse(trace, 'field.bad-value', 'is not a value that this field can have');
}

function tooLong(trace: Trace, lengthMax: number): undefined {
  return refuse(trace, 'field.too-long', `at most ${lengthMax} characters`);
}

function refuse(trace: Trace, code: RefusalCode, problem: string): undefined {
  const place = trace.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  trace.refusal = reject(code, `${place || 'data'}: ${problem}`);
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntegerWithin(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
}

function hasForm(form: Form, text: string): boolean {
  if (form === 'instant') return isInstant(text);
  if (form === 'day') return isInstant(`${text}T00:00:00.000Z`);
  return FORMS[form].test(text);
}
