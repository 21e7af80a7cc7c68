import { MongoClient, ReadConcern, WriteConcern, type Db, type MongoClientOptions } from 'mongodb';
import { DriverLine, NoAnswer } from './driver-line.js';
import { translated, unavailable } from './faults.js';

/** How long a server is looked for before an operation is given up. */
const SERVER_SELECTION_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** A server that does not answer this often asked question has its connections cut. */
const HEARTBEAT_MS = 5_000;
const CONNECTIONS_MAX = 20;
const CONNECTION_WAIT_TIMEOUT_MS = 10_000;
const MAJORITY_TIMEOUT_MS = 20_000;

/** What every change waits for, also where the driver does not pass on what its client was told. */
export const DURABLE = { w: 'majority', journal: true, wtimeoutMS: MAJORITY_TIMEOUT_MS } as const;

/** How long an answer is waited for. What was sent may still take effect afterwards. */
export const TIMEOUTS = {
  ping: 2_000,
  lease: 2_000,
  query: 15_000,
  /** One document, by its id. */
  look: 4_000,
  /** The rows of a page, by their ids. */
  load: 15_000,
  store: 30_000,
  /** Indexes, copies and renames of large collections. */
  build: 3_600_000,
} as const;

export type Patience = keyof typeof TIMEOUTS;

/**
 * How long is waited at first for what a projector asks, twice as long after each time that it was
 * not long enough. Of what was sent into a connection that just broke the driver may never tell; a
 * server that is merely slow is given its time.
 */
const FIRST_TIMEOUTS: { readonly [Kind in Patience]?: number } = { load: 3_000, store: 4_000 };

const DATABASE_DEFAULT = 'redress';
const DATABASE = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/;

export type ConnectionOptions = {
  /** `mongodb://…`; the database in its path, `redress` without one. */
  readonly url: string;
  /** By which the server's own tools show who is connected. */
  readonly appName: string;
};

/**
 * A driver client, connected when first used, and another after each break. Everything that decides about durability is said here, whatever the URL or the server's defaults say.
 */
export class Connection {
  readonly database: string;
  private line: DriverLine;
  /** The line, and those before it on which something is under way. */
  private readonly lines = new Set<DriverLine>();
  private closed = false;
  /** Of each kind, how often in a row the time given was not enough. */
  private readonly late = new Map<Patience, number>();

  /** @throws ReadModelsUnavailable when the URL is none. */
  constructor(private readonly options: ConnectionOptions) {
    this.database = databaseOf(options.url);
    this.line = this.newLine();
  }

  /** @throws ReadModelsUnavailable for every fault of driver, network and server. */
  async run<Result>(patience: Patience, work: (db: Db) => Promise<Result>): Promise<Result> {
    if (this.closed) throw unavailable('closed');
    const mayTakeLong = patience === 'build' ? 'yes' : 'no';
    const firstMs = FIRST_TIMEOUTS[patience] ?? TIMEOUTS[patience];
    const late = this.late.get(patience) ?? 0;
    const timeoutMs = Math.min(firstMs * 2 ** late, TIMEOUTS[patience]);
    const askedAtMs = performance.now();
    try {
      const answer = await this.line.ask({ timeoutMs, mayTakeLong }, work);
      if (performance.now() - askedAtMs < firstMs) this.late.delete(patience);
      return answer;
    } catch (error) {
      if (error instanceof NoAnswer && timeoutMs < TIMEOUTS[patience]) {
        this.late.set(patience, late + 1);
      }
      throw translated(error);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.lines].map((line) => line.close()));
  }

  private newLine(): DriverLine {
    const { url, appName } = this.options;
    const greet = (client: MongoClient) => this.greet(client);
    const line = new DriverLine(clientOf(url, appName), greet, {
      onRetired: () => {
        if (!this.closed) this.line = this.newLine();
      },
      onEnded: () => this.lines.delete(line),
    });
    this.lines.add(line);
    return line;
  }

  private async greet(client: MongoClient): Promise<Db> {
    await client.connect();
    const { setName, msg } = await client.db('admin').command({ hello: 1 });
    // What is read must not vanish with an election. A single server has none, and may know no other level.
    const replicated = setName !== undefined || msg === 'isdbgrid';
    return databaseIn(client, this.database, replicated ? 'majority' : 'local');
  }
}

/** The database as it is read and written here. Said once more, as a URL may overrule its client. */
export function databaseIn(client: MongoClient, name: string, read: 'majority' | 'local'): Db {
  return client.db(name, {
    readConcern: new ReadConcern(read),
    writeConcern: new WriteConcern(DURABLE.w, DURABLE.wtimeoutMS, DURABLE.journal),
  });
}

export function clientOf(url: string, appName: string): MongoClient {
  const options: MongoClientOptions = {
    appName,
    writeConcern: DURABLE,
    readPreference: 'primary',
    // The URL may say no: servers that are no replica set know of none.
    ...(/[?&]retryWrites=/.test(url) ? {} : { retryWrites: true }),
    retryReads: true,
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    socketTimeoutMS: TIMEOUTS.build,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    maxPoolSize: CONNECTIONS_MAX,
    waitQueueTimeoutMS: CONNECTION_WAIT_TIMEOUT_MS,
    // Positions have 64 bits; the driver keeps those that a number cannot hold as they are.
    promoteLongs: true,
    ignoreUndefined: true,
  };
  try {
    return new MongoClient(url, options);
  } catch (error) {
    throw translated(error);
  }
}

function databaseOf(url: string): string {
  const [, path] = DATABASE.exec(url) ?? [];
  if (path === undefined) return DATABASE_DEFAULT;
  try {
    return decodeURIComponent(path);
  } catch {
    throw unavailable('the database in the URL of MongoDB has a % that stands for nothing');
  }
}
