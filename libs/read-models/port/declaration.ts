import { InvariantBroken } from '#kernel';
import type { Field, Projection } from './projection.js';

/** Columns that every read model has beside its declared fields. */
export const FIXED_COLUMNS = ['id', 'revision', 'position', 'firstPosition'] as const;

export type Fields = { readonly [name: string]: Field };

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const FIELD = /^[a-z][A-Za-z0-9]*$/;
const NAME_LENGTH_MAX = 48;
const FIELDS_MAX = 100;

/**
 * Holds a declaration against what every adapter needs: names that are good table and column names
 * everywhere, and nothing asked of json but to be kept.
 * @throws InvariantBroken naming the first fault; it is a programmer's.
 */
export function checkDeclaration(projection: Projection): void {
  const { name, fields } = projection;
  const fault = faultOfName(name) ?? faultOfFields(fields);
  if (fault !== undefined) throw new InvariantBroken(`projection ${name}: ${fault}`);
}

function faultOfName(name: string): string | undefined {
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) return 'the name is not short kebab-case';
  return /^(redress|sqlite)(-|$)/.test(name) ? 'the name is reserved' : undefined;
}

function faultOfFields(fields: Fields): string | undefined {
  const names = Object.keys(fields);
  if (names.length === 0 || names.length > FIELDS_MAX) return `1 to ${FIELDS_MAX} fields`;
  const taken = new Set<string>(FIXED_COLUMNS.map((column) => column.toLowerCase()));
  for (const name of names) {
    if (!FIELD.test(name)) return `field ${name} is not camelCase`;
    if (taken.has(name.toLowerCase())) return `field ${name} is taken`;
    taken.add(name.toLowerCase());
    const field = fields[name];
    if (field?.kind === 'json' && (field.filter ?? field.sort ?? field.group)) {
      return `field ${name}: json is kept, never searched`;
    }
    if (field?.words && field.kind !== 'string') return `field ${name}: only text has words`;
  }
  return undefined;
}

/** What of a field decides how it is stored and indexed; a change makes a read model stale. */
export function shapeOf(fields: Fields): string {
  return JSON.stringify(
    Object.entries(fields).map(([name, { kind, filter, sort, group }]) => [
      name,
      kind,
      filter === true,
      sort === true,
      group === true,
    ]),
  );
}

/** The first of these fields that a stored read model does not have in the same kind. */
export function columnMissing(
  stored: Fields,
  projection: Projection,
  names: readonly string[],
): string | undefined {
  return names.find(
    (name) => !Object.hasOwn(stored, name) || stored[name]?.kind !== projection.fields[name]?.kind,
  );
}
