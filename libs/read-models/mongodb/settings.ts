import type { Db, Document as BsonDocument } from 'mongodb';
import type { Connection } from './connection.js';

/** What an operator should know of the server; what it does not say, or not to us, is undefined. */
export type MongoSettings = {
  readonly database: string;
  readonly version: string;
  /** Name of the replica set; undefined for a single server, which loses data with its disk. */
  readonly replicaSet: string | undefined;
  readonly storageEngine: string | undefined;
  /** Whether the server keeps a journal. */
  readonly journal: boolean | undefined;
  /** What writes of others are held to; ours say for themselves that they want the majority. */
  readonly defaultWriteConcern: string | undefined;
  /** The server's clock, ISO 8601 in UTC, to hold against one's own. */
  readonly localTime: string | undefined;
};

export function settingsOf(connection: Connection): Promise<MongoSettings> {
  return connection.run('query', async (db) => {
    const admin = db.client.db('admin');
    const build = await admin.command({ buildInfo: 1 });
    const hello = await admin.command({ hello: 1 });
    const status = await told(admin, { serverStatus: 1 });
    const started = await told(admin, { getCmdLineOpts: 1 });
    const concerns = await told(admin, { getDefaultRWConcern: 1 });
    const localTime: unknown = hello['localTime'];
    return {
      database: db.databaseName,
      version: String(build['version']),
      replicaSet: textOf(hello['setName']),
      storageEngine: textOf(inside(status, 'storageEngine', 'name')),
      journal: journalOf(Number.parseFloat(String(build['version'])), started, status),
      defaultWriteConcern: textOf(inside(concerns, 'defaultWriteConcern', 'w')),
      localTime: localTime instanceof Date ? localTime.toISOString() : undefined,
    };
  });
}

/** From 6.1 on the journal cannot be turned off. */
const JOURNAL_ALWAYS_SINCE = 6.1;

function journalOf(
  version: number,
  started: BsonDocument | undefined,
  status: BsonDocument | undefined,
): boolean | undefined {
  const enabled = inside(started, 'parsed', 'storage', 'journal', 'enabled');
  if (typeof enabled === 'boolean') return enabled;
  if (inside(status, 'storageEngine', 'name') !== 'wiredTiger') return undefined;
  return version >= JOURNAL_ALWAYS_SINCE || inside(status, 'storageEngine', 'persistent') === true;
}

/** The answer to a command that the server may not know, or may not tell everybody. */
async function told(admin: Db, command: BsonDocument): Promise<BsonDocument | undefined> {
  try {
    return await admin.command(command);
  } catch (error) {
    if (error instanceof Error && error.name === 'MongoServerError') return undefined;
    throw error;
  }
}

function inside(document: BsonDocument | undefined, ...path: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as BsonDocument)[name];
  }
  return value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
