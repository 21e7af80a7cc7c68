import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { MongoReadModels, type MongoReadModelsOptions } from '#read-models/mongodb';
import { urlOf, type TestMongo } from './stand-in.js';

/** A database of its own on a server, and the ways into it. */
export type MongoSpace = {
  readonly url: string;
  /** The bare driver on the same database, to look at what is stored and to do harm. */
  readonly client: MongoClient;
  readonly database: string;
  readonly open: (options?: Partial<MongoReadModelsOptions>) => Promise<MongoReadModels>;
  /** Closes whatever was opened and drops the database. */
  readonly remove: () => Promise<void>;
};

export function mongoSpace(mongo: TestMongo): MongoSpace {
  const database = `redress_test_${randomUUID().replaceAll('-', '')}`;
  const url = urlOf(mongo, database);
  const client = new MongoClient(mongo.url);
  const opened: MongoReadModels[] = [];
  return {
    url,
    client,
    database,
    open: async (options = {}) => {
      const readModels = await MongoReadModels.open({ url, mode: 'write', ...options });
      opened.push(readModels);
      return readModels;
    },
    remove: async () => {
      for (const readModels of opened) await readModels.close();
      await client.db(database).dropDatabase();
      await client.close();
    },
  };
}
