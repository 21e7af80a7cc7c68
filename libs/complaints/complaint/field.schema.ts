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
  if (value === null) return schema.nullable ? conforms(null) : bad(path);
  switch (schema.kind) {
    case 'list':
      return conformList(schema, value, path);
    case 'object':
      return isRecord(value) ? conformObject(schema.fields, value, path) : bad(path);
    case 'labels':
      return isRecord(value) ? conformLabels(schema, value, path) : bad(path);
    default:
      return conformLeaf(schema, value, path);
  }
}

/** A lone surrogate has no UTF-8 form, and a NUL ends the text in some stores. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

type LeafSchema = Exclude<FieldSchema, { readonly kind: 'list' | 'object' | 'labels' }>;

function conformLeaf(schema: LeafSchema, value: unknown, path: string): Conformed {
  if (schema.kind === 'integer')
    return isIntegerWithin(value, schema) ? conforms(value) : bad(path);
  if (schema.kind === 'boolean') return typeof value === 'boolean' ? conforms(value) : bad(path);
  if (typeof value !== 'string') return bad(path);
  if (schema.kind === 'word') return schema.words.includes(value) ? conforms(value) : bad(path);
  if (schema.kind === 'form') return hasForm(schema.form, value) ? conforms(value) : bad(path);
  return conformText(schema.lengthMax, value, path);
}

function conformText(lengthMax: number, value: string, path: string): Conformed {
  if (value.trim() === '' || !isStorable(value)) return bad(path);
  return value.length <= lengthMax ? conforms(value) : tooLong(path, lengthMax);
}

function conformObject(
  fields: Fields,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Conformed {
  const hasUnknown = Object.keys(value).some(
    (name) => value[name] !== undefined && !Object.hasOwn(fields, name),
  );
  if (hasUnknown) return reject('field.unknown', `${path || 'data'}: has a field it cannot have`);
  const copy: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name];
    if (!field) continue;
    const member = value[name];
    const memberPath = path === '' ? name : `${path}.${name}`;
    if (member === undefined) {
      if (field.optional) continue;
      return reject('field.missing', `${memberPath}: is missing`);
    }
    const conformed = conform(field, member, memberPath);
    if (conformed.kind === 'rejected') return conformed;
    copy[name] = conformed.value;
  }
  return conforms(copy);
}

function conformList(
  schema: Extract<FieldSchema, { readonly kind: 'list' }>,
  value: unknown,
  path: string,
): Conformed {
  if (!Array.isArray(value)) return bad(path);
  const { countMin = 0, countMax } = schema;
  if (value.length < countMin) return reject('field.missing', `${path}: at least ${countMin}`);
  if (value.length > countMax) return reject('field.too-many', `${path}: at most ${countMax}`);
  const copy: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const conformed = conform(schema.of, item, `${path}[${index}]`);
    if (conformed.kind === 'rejected') return conformed;
    copy.push(conformed.value);
  }
  return conforms(copy);
}

/** Names begin with a letter, as every stored key does. */
const LABEL_NAME = /^[A-Za-z][A-Za-z0-9 _?-]{0,63}$/;

function conformLabels(
  schema: Extract<FieldSchema, { readonly kind: 'labels' }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Conformed {
  const entries = Object.entries(value).filter(([, label]) => label !== undefined);
  if (entries.length > schema.countMax) {
    return reject('field.too-many', `${path}: at most ${schema.countMax}`);
  }
  for (const [name, label] of entries) {
    if (!LABEL_NAME.test(name) || typeof label !== 'string' || !isStorable(label)) return bad(path);
    if (label.length > schema.lengthMax) return tooLong(path, schema.lengthMax);
  }
  return conforms(Object.fromEntries(entries));
}

function conforms(value: unknown): Conformed {
  return { kind: 'conforms', value };
}

function bad(path: string): Conformed {
  return reject('field.bad-value', `${path}: is not a value that this field can have`);
}

function tooLong(path: string, lengthMax: number): Conformed {
  return reject('field.too-long', `${path}: at most ${lengthMax} characters`);
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
