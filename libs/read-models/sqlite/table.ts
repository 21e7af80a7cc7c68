import { FIXED_COLUMNS, type Field, type FieldKind, type Fields } from '#read-models/port';
import type { Generation } from './catalog.js';

/** Names come from declarations that were checked, and from the catalog; never from a query. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function columnsOf(fields: Fields): readonly string[] {
  return [...FIXED_COLUMNS, ...Object.keys(fields)];
}

/** The table without its indexes; `firstPosition` is SQLite's rowid, so rows lie in that order. */
export function createTable({ table, fields }: Generation): string {
  const declared = Object.entries(fields).map(
    ([name, { kind }]) => `${quoted(name)} ${typeOf(kind)}`,
  );
  const columns = [
    'id TEXT NOT NULL',
    'revision INTEGER NOT NULL',
    'position INTEGER NOT NULL',
    'firstPosition INTEGER PRIMARY KEY',
    ...declared,
  ];
  return `CREATE TABLE ${quoted(table)} (${columns.join(', ')}) STRICT`;
}

function typeOf(kind: FieldKind): 'INTEGER' | 'TEXT' {
  return kind === 'integer' || kind === 'boolean' ? 'INTEGER' : 'TEXT';
}

/** The index that finds a stream's row. */
export function createIdIndex({ table, generation }: Generation): string {
  return `CREATE UNIQUE INDEX ${quoted(`redress_${generation}_id`)} ON ${quoted(table)} (id)`;
}

/**
 * One index a sort, one a pair of filter and sort. The rowid, which ends every index of SQLite, is
 * `firstPosition`: so each holds its filter's rows in the very order of the sort, ties included.
 */
export function createQueryIndexes(stored: Generation): readonly string[] {
  return keysOf(stored.fields).map((key) => {
    const columns = key.map(quoted).join(', ');
    return `CREATE INDEX ${quoted(nameOf(stored, key))} ON ${quoted(stored.table)} (${columns})`;
  });
}

/** Name of the index over these columns, when the declarations ask for it. */
export function indexOver(stored: Generation, ...key: readonly string[]): string | undefined {
  const wanted = key.join();
  const found = keysOf(stored.fields).some((columns) => columns.join() === wanted);
  return found ? nameOf(stored, key) : undefined;
}

function nameOf({ generation }: Generation, key: readonly string[]): string {
  return ['redress', generation, ...key].join('_');
}

function keysOf(fields: Fields): readonly (readonly string[])[] {
  const sorts = namesOf(fields, ({ sort }) => sort);
  const filters = namesOf(fields, ({ filter }) => filter);
  if (sorts.length === 0) return filters.map((filter) => [filter]);
  const pairs = filters.flatMap((filter) =>
    sorts.filter((sort) => sort !== filter).map((sort) => [filter, sort]),
  );
  return [...sorts.map((sort) => [sort]), ...pairs];
}

function namesOf(fields: Fields, chosen: (field: Field) => boolean | undefined): readonly string[] {
  return Object.entries(fields)
    .filter(([, field]) => chosen(field))
    .map(([name]) => name);
}
