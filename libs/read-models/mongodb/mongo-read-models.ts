import { setTimeout as pause } from 'node:timers/promises';
import { ObjectId } from 'mongodb';
import { comparePositions, type DomainEvent, type Position } from '#kernel';
import {
  checkDeclaration,
  checkFind,
  checkGroup,
  checkHistogram,
  checkWhere,
  foundPage,
  SharedReadModels,
  type Condition,
  type Document,
  type FindQuery,
  type FoldComparison,
  type FoldWriter,
  type Found,
  type Group,
  type GroupQuery,
  type Histogram,
  type HistogramQuery,
  type LeaseTable,
  type Projection,
  type ReadModelProgress,
  type ReadModelStatus,
  type Rebuild,
  type Row,
  type Share,
} from '#read-models/port';
import { countRows, groupRows, histogramOf } from './aggregates.js';
import { MongoRebuild } from './builds.js';
import { MongoComparison } from './comparison.js';
import { Connection } from './connection.js';
import { unavailable } from './faults.js';
import { findRows } from './find.js';
import { ensureIndexes } from './indexes.js';
import { MongoLeases } from './leases.js';
import { ModelCollection } from './model-collection.js';
import {
  earliestOf,
  furthestIn,
  isCurrent,
  partitionsOf,
  type ModelRecord,
} from './model-record.js';
import { RowCodec, type StoredRow } from './row-codec.js';
import { Serving } from './serving.js';
import { settingsOf, type MongoSettings } from './settings.js';
import { liveTarget, tableOf } from './targets.js';
import { MongoWriter } from './writer.js';

/** A reader who waits for a position looks soon, then less and less often. */
const WAIT_DELAY_MIN_MS = 5;
const WAIT_DELAY_MAX_MS = 100;
const WAIT_DELAY_GROWTH = 1.5;

export type MongoReadModelsOptions = {
  /** `mongodb://…`; the database in its path, `redress` without one. */
  readonly url: string;
  /** `read` refuses to write read models; comparing is reading. */
  readonly mode: 'write' | 'read';
  /** By which the server's own tools show who is connected; `redress` unless told. */
  readonly appName?: string;
  /** Told of each index that a live read model lacked, or had otherwise, and that was made. */
  readonly onIndexMade?: (made: { readonly projection: string; readonly index: string }) => void;
};

/**
 * Read models in MongoDB: a collection a projection, named after it with `_` for `-`, which an
 * analyst may open with any tool; its document `redress-read-model` describes the columns. Rows
 * that are gone are marked `_gone`.
 */
export class MongoReadModels extends SharedReadModels {
  override readonly leases: LeaseTable;
  private readonly serving: Serving;
  /** Builds whose indexes this process has looked at. */
  private readonly indexed = new Set<string>();

  private constructor(
    private readonly connection: Connection,
    private readonly options: MongoReadModelsOptions,
  ) {
    super();
    this.leases = new MongoLeases(connection);
    this.serving = new Serving(connection);
  }

  /** Connects when first used, and again whenever the server comes back. @throws ReadModelsUnavailable when the URL is none. */
  static async open(options: MongoReadModelsOptions): Promise<MongoReadModels> {
    const { url, appName = 'redress' } = options;
    return new MongoReadModels(new Connection({ url, appName }), options);
  }

  /** @throws ReadModelsUnavailable within 2 s. */
  async ping(): Promise<void> {
    await this.connection.run('ping', (db) => db.command({ ping: 1 }));
  }

  /** For an operator to look at. @throws ReadModelsUnavailable */
  settings(): Promise<MongoSettings> {
    return settingsOf(this.connection);
  }

  override async get<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    id: string,
  ): Promise<Row<Doc> | undefined> {
    const names = Object.keys(projection.fields);
    return this.serving.answer(projection, names, {
      ask: async (collection, record) => {
        const { generation: _generation } = record;
        const found = await collection.run('query', (rows) =>
          rows.findOne({ _id: String(id), _generation, _gone: { $exists: false } }),
        );
        if (!found) return undefined;
        const row = new RowCodec(record.fields).shownOf(found as unknown as StoredRow);
        return row as Row as Row<Document & Doc>;
      },
      isSure: (row) => row !== undefined,
    });
  }

  override async find<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    query: FindQuery,
  ): Promise<Found<Row<Doc>>> {
    const find = checkFind(projection, query);
    const names = Object.keys(projection.fields);
    const rows = await this.serving.answer(projection, names, {
      ask: (collection, record) => findRows(collection, record, find),
      isSure: (found) => found.length > find.limit,
    });
    return foundPage<Doc>(find, rows);
  }

  override async count(projection: Projection, where: readonly Condition[]): Promise<number> {
    const checked = checkWhere(projection, where, { for: 'count' });
    return this.serving.answer(projection, fieldsOf(checked), {
      ask: (collection, record) => countRows(collection, record, checked),
    });
  }

  override async group(projection: Projection, query: GroupQuery): Promise<readonly Group[]> {
    const checked = checkGroup(projection, query);
    return this.serving.answer(projection, [...checked.by, ...fieldsOf(checked.where)], {
      ask: (collection, record) => groupRows(collection, record, checked),
    });
  }

  override async histogram(projection: Projection, query: HistogramQuery): Promise<Histogram> {
    const checked = checkHistogram(projection, query);
    return this.serving.answer(projection, [checked.field, ...fieldsOf(checked.where)], {
      ask: (collection, record) => histogramOf(collection, record, checked),
    });
  }

  override async status(projection: Projection): Promise<ReadModelStatus> {
    const collection = this.collectionOf(projection);
    const record = await collection.record();
    const documents = record ? await countRows(collection, record, []) : 0;
    return { ...progressOf(projection, record), documents };
  }

  override async progress(projection: Projection): Promise<ReadModelProgress> {
    return progressOf(projection, await this.collectionOf(projection).record());
  }

  override async waitFor(
    projection: Projection,
    position: Position,
    timeoutMs: number,
  ): Promise<boolean> {
    const endsAtMs = performance.now() + timeoutMs;
    for (let delayMs = WAIT_DELAY_MIN_MS; ; delayMs *= WAIT_DELAY_GROWTH) {
      const reached = (await this.collectionOf(projection).checkpoint())?.position;
      if (reached !== undefined && comparePositions(reached, position) >= 0) return true;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) return false;
      await pause(Math.min(delayMs, WAIT_DELAY_MAX_MS, leftMs));
    }
  }

  /**
   * For who folds alone, as commands do: all partitions, without leases. It neither raises nor minds
   * their tokens, since it can do no harm to those who hold some, nor they to it: see MongoWriter.
   */
  override writer(projection: Projection): Promise<FoldWriter> {
    return this.begin(projection, undefined);
  }

  override sharedWriter(projection: Projection, share: Share): Promise<FoldWriter> {
    return this.begin(projection, share);
  }

  override async rebuild(projection: Projection): Promise<Rebuild> {
    checkDeclaration(projection);
    this.checkWriting();
    return MongoRebuild.start(this.connection, projection);
  }

  override async forget(projection: Projection): Promise<void> {
    this.checkWriting();
    await this.collectionOf(projection).drop();
  }

  override async comparison(projection: Projection): Promise<FoldComparison> {
    checkDeclaration(projection);
    return MongoComparison.start(this.connection, projection);
  }

  override close(): Promise<void> {
    return this.connection.close();
  }

  private collectionOf(projection: Projection): ModelCollection {
    return new ModelCollection(this.connection, tableOf(projection));
  }

  private async begin(projection: Projection, share: Share | undefined): Promise<FoldWriter> {
    checkDeclaration(projection);
    this.checkWriting();
    const target = liveTarget(this.connection, projection);
    if (!(await target.collection.generation())) {
      // Whoever is first makes it; the others find it.
      await target.collection.create(projection, new ObjectId(), 'live');
    }
    const writer = new MongoWriter(target, share);
    await this.checkIndexes(projection, await writer.begin());
    return writer;
  }

  private async checkIndexes(projection: Projection, record: ModelRecord): Promise<void> {
    const generation = record.generation.toHexString();
    if (this.indexed.has(generation)) return;
    const made = await ensureIndexes(this.collectionOf(projection), record.fields);
    for (const index of made) this.options.onIndexMade?.({ projection: projection.name, index });
    this.indexed.add(generation);
  }

  private checkWriting(): void {
    if (this.options.mode !== 'write') throw unavailable('opened for reading only');
  }
}

function progressOf(projection: Projection, record: ModelRecord | undefined): ReadModelProgress {
  if (!record) {
    return { projection: projection.name, version: 0, condition: 'absent', checkpoint: undefined };
  }
  const checkpoint = earliestOf(record, partitionsOf(undefined));
  const furthest = furthestIn(record);
  return {
    projection: projection.name,
    version: record.version,
    condition: isCurrent(record, projection) ? 'live' : 'stale',
    checkpoint,
    ...(furthest === checkpoint?.position ? {} : { furthest }),
  };
}

function fieldsOf(where: readonly Condition[]): readonly string[] {
  return where.map(({ field }) => field);
}
