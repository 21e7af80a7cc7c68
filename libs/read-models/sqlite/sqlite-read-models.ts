import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { comparePositions, type DomainEvent, type Position } from '#kernel';
import {
  checkDeclaration,
  checkFind,
  checkGroup,
  checkHistogram,
  checkWhere,
  columnMissing,
  foundPage,
  ReadModels,
  ReadModelsUnavailable,
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
  type Projection,
  type ReadModelProgress,
  type ReadModelStatus,
  type Rebuild,
  type Row,
} from '#read-models/port';
import { countRows, groupRows, histogramOf } from './aggregates.js';
import { dropGeneration, setAside, SqliteRebuild, SqliteWriter, type Store } from './builds.js';
import { Catalog, isCurrent, type Generation } from './catalog.js';
import { SqliteComparison } from './comparison.js';
import { openForReading, openForWriting } from './database-file.js';
import { findRows } from './find.js';
import { FoldTable } from './fold-table.js';
import { isAlive } from './scratch-folder.js';
import { createIdIndex, createQueryIndexes, createTable } from './table.js';

export const READ_MODELS_FILE = 'read-models.sqlite';

/** How often a reader that waits for a position looks: its writer may be another process. */
const WAIT_POLL_MS = 5;

export type SqliteReadModelsOptions = {
  /** Folder of the file; made when absent, for writing. */
  readonly directory: string;
  /** `read` works beside a writer, and before there is a file. */
  readonly mode: 'write' | 'read';
};

// The methods are async so that a fault is a rejection, as it is with every other adapter.

/**
 * Read models in one SQLite file: a table a projection, named after it with `_` for `-`, which an
 * analyst may open with any tool; `redress_columns` describes the columns.
 */
export class SqliteReadModels extends ReadModels {
  private store: Store | undefined;
  private closed = false;

  private constructor(private readonly options: SqliteReadModelsOptions) {
    super();
  }

  /** @throws ReadModelsUnavailable, ReadModelsFormatUnknown */
  static async open(options: SqliteReadModelsOptions): Promise<SqliteReadModels> {
    const opened = new SqliteReadModels(options);
    if (options.mode === 'write') {
      makeDirectory(options.directory);
      opened.store = storeOf(openForWriting(opened.file()));
      clearLeftovers(opened.store);
    } else {
      opened.reading();
    }
    return opened;
  }

  override async get<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    id: string,
  ): Promise<Row<Doc> | undefined> {
    return this.serve(
      projection,
      Object.keys(projection.fields),
      ({ session, catalog }, stored) => {
        const fold = new FoldTable(session, catalog, stored).load([String(id)]).get(id);
        return fold?.document ? (fold as Row as Row<Document & Doc>) : undefined;
      },
    );
  }

  override async find<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    query: FindQuery,
  ): Promise<Found<Row<Doc>>> {
    const find = checkFind(projection, query);
    return this.serve(projection, Object.keys(projection.fields), ({ session }, stored) =>
      foundPage<Doc>(find, findRows(session, stored, find)),
    );
  }

  override async count(projection: Projection, where: readonly Condition[]): Promise<number> {
    const checked = checkWhere(projection, where, { for: 'count' });
    return this.serve(projection, fieldsOf(checked), ({ session }, stored) =>
      countRows(session, stored, checked),
    );
  }

  override async group(projection: Projection, query: GroupQuery): Promise<readonly Group[]> {
    const checked = checkGroup(projection, query);
    const names = [...checked.by, ...fieldsOf(checked.where)];
    return this.serve(projection, names, ({ session }, stored) =>
      groupRows(session, stored, checked),
    );
  }

  override async histogram(projection: Projection, query: HistogramQuery): Promise<Histogram> {
    const checked = checkHistogram(projection, query);
    const names = [checked.field, ...fieldsOf(checked.where)];
    return this.serve(projection, names, ({ session }, stored) =>
      histogramOf(session, stored, checked),
    );
  }

  override async status(projection: Projection): Promise<ReadModelStatus> {
    const store = this.reading();
    if (!store) return { ...absent(projection), documents: 0 };
    // Of one moment, so that the rows are those of the checkpoint.
    return store.session.snapshot(() => {
      const live = store.catalog.live(projection.name);
      const documents = live ? countRows(store.session, live, []) : 0;
      return { ...progressOf(store, projection), documents };
    });
  }

  override async progress(projection: Projection): Promise<ReadModelProgress> {
    const store = this.reading();
    if (!store) return absent(projection);
    return store.session.snapshot(() => progressOf(store, projection));
  }

  override async waitFor(
    projection: Projection,
    position: Position,
    timeoutMs: number,
  ): Promise<boolean> {
    for (let waitedMs = 0; ; waitedMs += WAIT_POLL_MS) {
      const store = this.reading();
      const live = store?.catalog.live(projection.name);
      const seen = live && store?.catalog.checkpoint(live.generation)?.position;
      if (seen !== undefined && comparePositions(seen, position) >= 0) return true;
      if (waitedMs >= timeoutMs) return false;
      await pause(Math.min(WAIT_POLL_MS, timeoutMs - waitedMs));
    }
  }

  override async writer(projection: Projection): Promise<FoldWriter> {
    checkDeclaration(projection);
    const store = this.writing();
    store.session.transaction(() => {
      if (store.catalog.live(projection.name)) return;
      const made = store.catalog.enter(projection, 'live');
      const statements = [createTable(made), createIdIndex(made), ...createQueryIndexes(made)];
      for (const sql of statements) store.session.exec(sql);
    });
    const target = () => currentOf(store, projection);
    target();
    return new SqliteWriter(store, target);
  }

  override async rebuild(projection: Projection): Promise<Rebuild> {
    checkDeclaration(projection);
    const store = this.writing();
    for (const { generation } of store.catalog.leftovers()) {
      if (generation.name !== projection.name) continue;
      dropGeneration(store, generation.generation);
    }
    return new SqliteRebuild(store, projection);
  }

  override async forget({ name }: Projection): Promise<void> {
    const store = this.writing();
    const live = store.catalog.live(name);
    if (!live) return;
    store.session.transaction(() => setAside(store, live));
    dropGeneration(store, live.generation);
  }

  override async comparison(projection: Projection): Promise<FoldComparison> {
    checkDeclaration(projection);
    if (!this.reading()) throw rebuilding(projection);
    return SqliteComparison.start(this.options.directory, this.file(), projection);
  }

  override async close(): Promise<void> {
    this.closed = true;
    this.store?.session.close();
    this.store = undefined;
  }

  private file(): string {
    return join(this.options.directory, READ_MODELS_FILE);
  }

  /** Undefined while nobody has made the file; looked for again each time. */
  private reading(): Store | undefined {
    if (this.closed) throw new ReadModelsUnavailable('read-models.unavailable', 'closed');
    if (this.store || !existsSync(this.file())) return this.store;
    const session = openForReading(this.file());
    if (session) this.store = storeOf(session);
    return this.store;
  }

  private writing(): Store {
    const store = this.reading();
    if (store && this.options.mode === 'write') return store;
    throw new ReadModelsUnavailable('read-models.unavailable', 'opened for reading only');
  }

  /** Queries the live table, or an older one that has these columns. */
  private serve<Result>(
    projection: Projection,
    names: readonly string[],
    query: (store: Store, stored: Generation) => Result,
  ): Result {
    const store = this.reading();
    if (!store) throw rebuilding(projection);
    // Together with the catalog, as a rebuild in another process may switch tables between the two.
    return store.session.snapshot(() => {
      const live = store.catalog.live(projection.name);
      if (!live || columnMissing(live.fields, projection, names) !== undefined) {
        throw rebuilding(projection);
      }
      return query(store, live);
    });
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ReadModelsUnavailable('read-models.unavailable', reason, { cause });
  }
}

function storeOf(session: Store['session']): Store {
  return { session, catalog: new Catalog(session) };
}

/** Drops what processes that are no more have left half done. */
function clearLeftovers(store: Store): void {
  for (const { generation, processId, state } of store.catalog.leftovers()) {
    const owned = state === 'build' && processId !== process.pid && isAlive(processId);
    if (!owned) dropGeneration(store, generation.generation);
  }
}

function absent({ name }: Projection): ReadModelProgress {
  return { projection: name, version: 0, condition: 'absent', checkpoint: undefined };
}

function progressOf({ catalog }: Store, projection: Projection): ReadModelProgress {
  const live = catalog.live(projection.name);
  if (!live) return absent(projection);
  return {
    projection: projection.name,
    version: live.version,
    condition: isCurrent(live, projection) ? 'live' : 'stale',
    checkpoint: catalog.checkpoint(live.generation),
  };
}

function currentOf(store: Store, projection: Projection): Generation {
  const live = store.catalog.live(projection.name);
  if (live && isCurrent(live, projection)) return live;
  throw rebuilding(projection);
}

function fieldsOf(where: readonly Condition[]): readonly string[] {
  return where.map(({ field }) => field);
}

function rebuilding({ name }: Projection): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.rebuilding', `${name} is not built yet`);
}
