import {
  Long,
  MongoClient,
  type Collection,
  type Db,
  type Document as BsonDocument,
} from 'mongodb';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projections } from '#complaints/contract';
import type { EventStore } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { MemoryReadModels } from '#read-models/memory';
import { MongoReadModels } from '#read-models/mongodb';
import type { Fold, FoldBatch, FoldWriter, Projection } from '#read-models/port';
import { Projector } from '#read-models/projector';
import { startMongo, urlOf, type TestMongo } from '../servers/mongodb/stand-in.js';
import { figure, inTurn, perSecond, type Benchmark, type Figure } from './figure.js';
import { fillLog } from './many-complaints.js';

/** Below 10,000 events, beyond which a projector would rather build anew than follow. */
const FOLLOWED_COMPLAINTS = 2_900;
const REBUILT_COMPLAINTS = 15_000;
const ROUNDS = 5;
const ROUNDS_REBUILT = 3;
const INSERT_ROWS = 1_000;
const WRITE_CONCERN = { w: 'majority', journal: true } as const;

type Written = { readonly projection: Projection; readonly batch: FoldBatch };
type Rows = Collection<BsonDocument & { readonly _id: string }>;
type Bench = {
  readonly mongo: TestMongo;
  readonly client: MongoClient;
  readonly eventStore: EventStore;
};

/** Read models in memory that remember what they were told to store. */
class RecordingReadModels extends MemoryReadModels {
  readonly written: Written[] = [];

  override async writer(projection: Projection): Promise<FoldWriter> {
    const writer = await super.writer(projection);
    return {
      checkpoint: () => writer.checkpoint(),
      load: (ids) => writer.load(ids),
      store: async (batch) => {
        this.written.push({ projection, batch });
        await writer.store(batch);
      },
    };
  }
}

function documentOf({ id, revision, position, firstPosition, document }: Fold) {
  const places = {
    position: Long.fromString(position),
    firstPosition: Long.fromString(firstPosition),
  };
  return { _id: id, revision, ...places, ...document };
}

/** The indexes of the read models, for raw rows to bear the same: they cost more than the rest. */
async function indexesOf({
  mongo,
  client,
}: Bench): Promise<readonly (readonly [string, BsonDocument[]])[]> {
  const database = `redress_bench_${randomUUID().slice(0, 8)}`;
  const readModels = await MongoReadModels.open({ url: urlOf(mongo, database), mode: 'write' });
  const found: (readonly [string, BsonDocument[]])[] = [];
  for (const { projection } of projections) {
    await readModels.writer(projection);
    const table = client.db(database).collection(projection.name.replaceAll('-', '_'));
    const indexes: BsonDocument[] = await table.listIndexes().toArray();
    found.push([projection.name, indexes.filter(({ name }) => name !== '_id_')]);
  }
  await readModels.close();
  await client.db(database).dropDatabase();
  return found;
}

async function makeIndexes(db: Db, all: Awaited<ReturnType<typeof indexesOf>>): Promise<void> {
  for (const [name, indexes] of all) {
    const wanted = indexes.map((index) => ({
      name: String(index['name']),
      key: index['key'] as Record<string, 1>,
    }));
    await db.collection(name).createIndexes(wanted, {});
  }
}

/** The bound of following: the same documents, page by page, put by the bare driver. */
async function putRaw(bench: Bench, pages: readonly (readonly [string, Fold[]])[]) {
  const indexes = await indexesOf(bench);
  const db = bench.client.db(`redress_bench_${randomUUID().slice(0, 8)}`);
  const startedAtMs = performance.now();
  await makeIndexes(db, indexes);
  let count = 0;
  for (const [name, folds] of pages) {
    const rows: Rows = db.collection(name);
    const puts = folds.map((one) => ({
      replaceOne: { filter: { _id: one.id }, replacement: documentOf(one), upsert: true },
    }));
    await rows.bulkWrite(puts, { ordered: false, writeConcern: WRITE_CONCERN });
    count += folds.length;
  }
  const rate = perSecond(count, startedAtMs);
  await db.dropDatabase();
  return rate;
}

/** The bound of rebuilding: the last documents, inserted by the bare driver. */
async function insertRaw(bench: Bench, pages: readonly (readonly [string, Fold[]])[]) {
  const indexes = await indexesOf(bench);
  const db = bench.client.db(`redress_bench_${randomUUID().slice(0, 8)}`);
  const startedAtMs = performance.now();
  let count = 0;
  for (const [name, folds] of pages) {
    const rows: Rows = db.collection(name);
    for (let next = 0; next < folds.length; next += INSERT_ROWS) {
      const some = folds.slice(next, next + INSERT_ROWS).map(documentOf);
      await rows.insertMany(some, { ordered: false, writeConcern: WRITE_CONCERN });
      count += some.length;
    }
  }
  await makeIndexes(db, indexes);
  const rate = perSecond(count, startedAtMs);
  await db.dropDatabase();
  return rate;
}

/** Rows a second through the projector, from the log to the checkpoint. */
async function project(
  { mongo, client, eventStore }: Bench,
  rows: number,
  fold: (projector: Projector) => Promise<unknown>,
): Promise<number> {
  const database = `redress_bench_${randomUUID().slice(0, 8)}`;
  const readModels = await MongoReadModels.open({ url: urlOf(mongo, database), mode: 'write' });
  try {
    const startedAtMs = performance.now();
    await fold(new Projector({ eventStore, readModels, projections }));
    return perSecond(rows, startedAtMs);
  } finally {
    await readModels.close();
    await client.db(database).dropDatabase();
  }
}

async function followed(bench: Bench): Promise<Figure> {
  const recording = new RecordingReadModels();
  await new Projector({
    eventStore: bench.eventStore,
    readModels: recording,
    projections,
  }).catchUp();
  const pages = recording.written.map(
    ({ projection, batch }) =>
      [projection.name, batch.changes.map(({ after }) => after)] as const satisfies readonly [
        string,
        Fold[],
      ],
  );
  const rows = pages.reduce((sum, [, folds]) => sum + folds.length, 0);
  const [ours, raw] = await inTurn(
    ROUNDS,
    () => project(bench, rows, (projector) => projector.catchUp()),
    () => putRaw(bench, pages),
  );
  const reference = { name: 'raw unordered bulks of the same documents', value: raw };
  return figure('mongodb: follow', ours, 'rows/s', reference);
}

async function rebuilt(bench: Bench): Promise<Figure> {
  const recording = new RecordingReadModels();
  await new Projector({
    eventStore: bench.eventStore,
    readModels: recording,
    projections,
  }).rebuild();
  const pages: (readonly [string, Fold[]])[] = [];
  for (const { projection } of projections) {
    const folds: Fold[] = [];
    let after: string | undefined;
    do {
      const page = await recording.find(projection as Projection, {
        limit: 1_000,
        ...(after ? { after } : {}),
      });
      folds.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
    pages.push([projection.name, folds]);
  }
  const rows = pages.reduce((sum, [, folds]) => sum + folds.length, 0);
  const [ours, raw] = await inTurn(
    ROUNDS_REBUILT,
    () => project(bench, rows, (projector) => projector.rebuild()),
    () => insertRaw(bench, pages),
  );
  const reference = { name: 'raw inserts of the same documents', value: raw };
  return figure('mongodb: rebuild', ours, 'rows/s', reference);
}

async function withLog<Result>(
  { mongo, client }: Pick<Bench, 'mongo' | 'client'>,
  log: { readonly folder: string; readonly complaints: number },
  measure: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  mkdirSync(log.folder);
  const eventStore = await SqliteEventStore.open({ directory: log.folder, mode: 'write' });
  try {
    await fillLog(eventStore, log.complaints, () => {});
    return await measure({ mongo, client, eventStore });
  } finally {
    await eventStore.close();
  }
}

export const mongodbBenchmark: Benchmark = {
  name: 'mongodb',
  about: 'projects the log into MongoDB (a stand-in unless MONGODB_URL is set), by raw writes',
  run: async ({ directory, say }) => {
    const mongo = await startMongo();
    const client = new MongoClient(mongo.url);
    try {
      say(process.env['MONGODB_URL'] ? 'the server of MONGODB_URL' : 'stand-in, in memory');
      const few = { folder: join(directory, 'few'), complaints: FOLLOWED_COMPLAINTS };
      const many = { folder: join(directory, 'many'), complaints: REBUILT_COMPLAINTS };
      return [
        await withLog({ mongo, client }, few, followed),
        await withLog({ mongo, client }, many, rebuilt),
      ];
    } finally {
      await client.close();
      await mongo.stop();
    }
  },
};
