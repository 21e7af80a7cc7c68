import { badParameter, isDay, type QueryParameters } from '#http';
import { isInstant } from '#kernel';
import type { Comparison, Condition, Field, FieldKind, Projection, Sort } from '#read-models/port';

const COMPARISONS: readonly Comparison[] = ['lt', 'lte', 'gt', 'gte'];
const INTEGER = /^-?(?:0|[1-9]\d{0,14})$/;

type Asked = { readonly field: string; readonly how: Comparison | 'empty' };

/** `product`, `receivedAt.gte`, `assignee.empty`: a declared field and how to compare, or undefined. */
function askedOf(projection: Projection, name: string): Asked | undefined {
  const [field = '', how, ...rest] = name.split('.');
  if (rest.length > 0 || !Object.hasOwn(projection.fields, field)) return undefined;
  if (how === undefined) return { field, how: 'eq' };
  if (how === 'empty') return { field, how };
  const comparison = COMPARISONS.find((known) => known === how);
  return comparison && { field, how: comparison };
}

/** True when a parameter of this name asks about a field that the read model declares. */
export function asksAbout(projection: Projection): (name: string) => boolean {
  return (name) => askedOf(projection, name) !== undefined;
}

/**
 * The conditions among the parameters. Whether a field may be filtered by is for the read model to
 * say. @throws RequestRefused for a value that is not of the field's kind.
 */
export function conditionsOf(projection: Projection, query: QueryParameters): readonly Condition[] {
  return Object.entries(query).flatMap(([name, text]) => {
    const asked = askedOf(projection, name);
    if (!asked) return [];
    const { field, how } = asked;
    if (how === 'empty') return [emptiness(field, text)];
    const kind = projection.fields[field]?.kind;
    const value = kind && valueOf(kind, text);
    if (value === undefined) throw badParameter(name, `must be of the kind ${kind ?? 'string'}`);
    return [{ field, is: how, value }];
  });
}

function emptiness(field: string, text: string): Condition {
  if (text !== 'true') throw badParameter(`${field}.empty`, 'must be true');
  return { field, is: 'eq', value: null };
}

function valueOf(kind: FieldKind, text: string): Condition['value'] | undefined {
  switch (kind) {
    case 'string':
      return text;
    case 'integer':
      return INTEGER.test(text) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'instant':
      return isInstant(text) ? text : undefined;
    case 'day':
      return isDay(text) ? text : undefined;
    case 'json':
      return undefined;
  }
}

/** `receivedAt` ascending, `-receivedAt` descending; whether it may be is for the read model to say. */
export function sortOf(query: QueryParameters): Sort | undefined {
  const text = query['sort'];
  if (text === undefined) return undefined;
  return text.startsWith('-')
    ? { field: text.slice(1), direction: 'descending' }
    : { field: text, direction: 'ascending' };
}

/** The parameters of the OpenAPI document for the fields that may stand in a query. */
export function fieldParameters(
  projection: Projection,
  use: 'find' | 'count',
): readonly {
  readonly name: string;
  readonly description: string;
  readonly required: false;
  readonly schema: object;
}[] {
  return Object.entries(projection.fields)
    .filter(([, { filter, sort, group }]) => filter ?? (use === 'count' ? group : sort))
    .flatMap(([name, field]) => {
      const { kind, description, filter, sort } = field;
      const schema = schemaOf(field);
      const exact = { name, description, required: false as const, schema };
      if (use === 'find' && sort && !filter) {
        const about = `${description} Only in the order of this field.`;
        return COMPARISONS.map((how) => ({
          ...exact,
          name: `${name}.${how}`,
          description: about,
        }));
      }
      if (kind === 'string' || kind === 'boolean') return [exact];
      const ranges = COMPARISONS.map((how) => ({ ...exact, name: `${name}.${how}` }));
      return [exact, ...ranges];
    });
}

function schemaOf({ kind, words }: Field): object {
  return { ...SCHEMAS[kind], ...(words ? { enum: words } : {}) };
}

const SCHEMAS: { readonly [Kind in FieldKind]: object } = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  instant: { type: 'string', format: 'date-time' },
  day: { type: 'string', format: 'date' },
  json: { type: 'object' },
};

/** The schema of a row of a read model as a list shows it. */
export function rowSchema(projection: Projection): object {
  const properties = Object.entries(projection.fields).map(([name, { kind, description }]) => [
    name,
    { ...SCHEMAS[kind], nullable: true, description },
  ]);
  return {
    type: 'object',
    required: ['id', 'revision'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      revision: { type: 'integer', minimum: 0 },
      ...(Object.fromEntries(properties) as object),
    },
  };
}
