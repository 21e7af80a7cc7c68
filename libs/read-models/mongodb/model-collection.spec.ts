import { describe, expect, it } from '@jest/globals';
import { ObjectId, type Collection } from 'mongodb';
import type { Projection } from '#read-models/port';
import type { Connection } from './connection.js';
import { ModelCollection, type Stored } from './model-collection.js';
import { RECORD_ID } from './model-record.js';

const PROJECTION = { name: 'sample', version: 1, fields: {} } as unknown as Projection;

type Where = Readonly<Record<string, unknown>>;

/** As much of a collection as making a read model takes; a rename comes after so many operations. */
class Rows {
  stored: Stored[];
  #operations = 0;

  constructor(
    strays: readonly Stored[],
    private readonly rename: { readonly after: number; readonly build: readonly Stored[] },
  ) {
    this.stored = [...strays];
  }

  insertOne(row: Stored): Promise<void> {
    this.stored.push(row);
    return this.#done();
  }

  async distinct(field: string, where: Where): Promise<readonly unknown[]> {
    const found = this.stored.filter((row) => matches(row, where)).map((row) => row[field]);
    await this.#done();
    return found;
  }

  async findOne(where: Where): Promise<Stored | null> {
    const found = this.stored.find((row) => matches(row, where));
    await this.#done();
    return found ?? null;
  }

  deleteMany(where: Where): Promise<void> {
    this.stored = this.stored.filter((row) => !matches(row, where));
    return this.#done();
  }

  async #done(): Promise<void> {
    this.#operations += 1;
    if (this.#operations === this.rename.after) this.stored = [...this.rename.build];
  }
}

function matches(row: Stored, where: Where): boolean {
  return Object.entries(where).every(([field, wanted]) => {
    const { $ne, $in } = wanted as { readonly $ne?: unknown; readonly $in?: readonly unknown[] };
    if ($in) return $in.some((one) => isEqual(row[field], one));
    return $ne === undefined ? isEqual(row[field], wanted) : !isEqual(row[field], $ne);
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  return a instanceof ObjectId && b instanceof ObjectId ? a.equals(b) : a === b;
}

function collectionOf(rows: Rows): ModelCollection {
  const run = (_patience: string, work: (db: unknown) => Promise<unknown>) =>
    work({ collection: () => rows as unknown as Collection<Stored> });
  return new ModelCollection({ run } as unknown as Connection, 'sample');
}

const [own, other, built] = [new ObjectId(), new ObjectId(), new ObjectId()];
const row = (_id: string, _generation: ObjectId): Stored => ({ _id, _generation });
const build: readonly Stored[] = [
  { _id: RECORD_ID, generation: built },
  row('sample-1', built),
  row('sample-2', built),
];

describe('making a read model', () => {
  it('clears away what a program put there that was slow to notice its end', async () => {
    const rows = new Rows([row('sample-1', other), row('sample-2', own)], { after: 0, build });
    expect(await collectionOf(rows).create(PROJECTION, own, 'live')).toBe(true);
    expect(rows.stored.map(({ _id }) => _id)).toEqual(['sample-2', RECORD_ID]);
  });

  it.each([1, 2, 3])(
    'takes no row from a build that takes its place after step %s',
    async (after) => {
      const rows = new Rows([row('sample-1', other)], { after, build });
      expect(await collectionOf(rows).create(PROJECTION, own, 'live')).toBe(true);
      expect(rows.stored).toEqual(build);
    },
  );
});
