import type { Document as BsonDocument } from 'mongodb';
import type { Field, Fields } from '#read-models/port';
import { codeOf, NAMESPACE_NOT_FOUND } from './faults.js';
import type { ModelCollection } from './model-collection.js';

/** A server allows 64 a collection; operators may want some of their own. */
const INDEXES_MAX = 48;

export type IndexWanted = {
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
};

/**
 * One index a sort, one a pair of filter and sort, each ending with `firstPosition`: so it holds its
 * filter's rows in the very order of the sort, ties included, and backwards as well. Where that
 * makes too many, filters have one index each and what they find is sorted.
 */
export function indexesOf(fields: Fields): readonly IndexWanted[] {
  const sorts = namesOf(fields, ({ sort }) => sort);
  const filters = namesOf(fields, ({ filter }) => filter);
  const pairs = filters.flatMap((filter) =>
    sorts.filter((sort) => sort !== filter).map((sort) => [filter, sort]),
  );
  const singles = sorts.length === 0 ? [[], ...filters.map((name) => [name])] : [];
  const keys = [...sorts.map((sort) => [sort]), ...pairs, ...singles];
  const few = [...sorts, ...filters.filter((name) => !sorts.includes(name))].map((name) => [name]);
  return (keys.length > INDEXES_MAX ? few.slice(0, INDEXES_MAX) : keys).map(indexOver);
}

function indexOver(fields: readonly string[]): IndexWanted {
  const columns = [...fields, 'firstPosition'];
  return {
    name: `redress_${columns.join('_')}`,
    key: Object.fromEntries(columns.map((column) => [column, 1 as const])),
  };
}

function namesOf(fields: Fields, chosen: (field: Field) => boolean | undefined): readonly string[] {
  return Object.entries(fields)
    .filter(([, field]) => chosen(field))
    .map(([name]) => name);
}

/** Makes the indexes that are missing or different; answers their names. */
export async function ensureIndexes(
  collection: ModelCollection,
  fields: Fields,
): Promise<readonly string[]> {
  const present = await keysPresent(collection);
  const wanted = indexesOf(fields);
  const missing = wanted.filter(({ name, key }) => present.get(name) !== JSON.stringify(key));
  if (missing.length === 0) return [];
  await collection.run('build', async (rows) => {
    for (const { name } of missing) if (present.has(name)) await rows.dropIndex(name);
    await rows.createIndexes(
      missing.map(({ name, key }) => ({ name, key: { ...key } })),
      {},
    );
  });
  return missing.map(({ name }) => name);
}

async function keysPresent(collection: ModelCollection): Promise<ReadonlyMap<string, string>> {
  const found = await collection.run('query', async (rows) => {
    try {
      const found: readonly BsonDocument[] = await rows.listIndexes().toArray();
      return found;
    } catch (error) {
      if (codeOf(error) === NAMESPACE_NOT_FOUND) return [];
      throw error;
    }
  });
  return new Map(found.map((index) => [String(index['name']), JSON.stringify(index['key'])]));
}
