import { comparePositions, type DomainEvent, type Position } from '#kernel';
import {
  checkDeclaration,
  checkFind,
  checkGroup,
  checkHistogram,
  checkWhere,
  columnMissing,
  foundPage,
  ReadModelsUnavailable,
  shapeOf,
  SharedReadModels,
  ShareLost,
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
  type LeaseRecord,
  type Projection,
  type ReadModelProgress,
  type ReadModelStatus,
  type Rebuild,
  type Row,
  type Share,
} from '#read-models/port';
import { MemoryComparison, MemoryRebuild, MemoryWriter, type Shelf } from './memory-builds.js';
import { MemoryLeaseTable } from './memory-lease-table.js';
import { MemoryModel } from './memory-model.js';
import { findRows, groupRows, histogramOf, matches } from './memory-queries.js';
import { Fenced, MemorySharedWriter } from './memory-shared-writer.js';

// The methods are async so that a fault is a rejection, as it is with every other adapter.

/** Read models that live as long as the process: for tests and for trying things out. */
export class MemoryReadModels extends SharedReadModels {
  override readonly leases: MemoryLeaseTable;
  private live = new Map<string, MemoryModel>();
  private fences = new Map<string, Share>();
  private waiting = new Set<() => void>();
  private closed = false;

  constructor(records = new Map<string, LeaseRecord>()) {
    super();
    this.leases = new MemoryLeaseTable(records, () => this.checkOpen());
  }

  /** Another handle on the same content, as a second process would have. */
  reopened(): MemoryReadModels {
    const other = new MemoryReadModels(this.leases.records);
    other.live = this.live;
    other.fences = this.fences;
    other.waiting = this.waiting;
    return other;
  }

  override async get<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    id: string,
  ): Promise<Row<Doc> | undefined> {
    const fold = this.serving(projection, Object.keys(projection.fields)).get(id);
    return fold?.document ? (fold as Row<Doc>) : undefined;
  }

  override async find<Doc extends Document>(
    projection: Projection<DomainEvent, Doc>,
    query: FindQuery,
  ): Promise<Found<Row<Doc>>> {
    const find = checkFind(projection, query);
    const model = this.serving(projection, Object.keys(projection.fields));
    const found = findRows(model.rows(), find);
    return foundPage<Doc>(find, found);
  }

  override async count(projection: Projection, where: readonly Condition[]): Promise<number> {
    const checked = checkWhere(projection, where, { for: 'count' });
    const model = this.serving(projection, fieldsOf(checked));
    return model.rows().filter((row) => matches(row, checked)).length;
  }

  override async group(projection: Projection, query: GroupQuery): Promise<readonly Group[]> {
    const checked = checkGroup(projection, query);
    const model = this.serving(projection, [...checked.by, ...fieldsOf(checked.where)]);
    return groupRows(model.rows(), checked);
  }

  override async histogram(projection: Projection, query: HistogramQuery): Promise<Histogram> {
    const checked = checkHistogram(projection, query);
    const model = this.serving(projection, [checked.field, ...fieldsOf(checked.where)]);
    return histogramOf(model.rows(), checked);
  }

  override async status(projection: Projection): Promise<ReadModelStatus> {
    const documents = this.live.get(projection.name)?.rows().length ?? 0;
    return { ...(await this.progress(projection)), documents };
  }

  override async progress(projection: Projection): Promise<ReadModelProgress> {
    this.checkOpen();
    const model = this.live.get(projection.name);
    const [checkpoint, furthest] = [model?.checkpoint(), model?.furthest()];
    return {
      projection: projection.name,
      version: model?.version ?? 0,
      condition: !model ? 'absent' : isCurrent(model, projection) ? 'live' : 'stale',
      checkpoint,
      ...(furthest === checkpoint?.position ? {} : { furthest }),
    };
  }

  override async waitFor(
    projection: Projection,
    position: Position,
    timeoutMs: number,
  ): Promise<boolean> {
    const passed = () => {
      const seen = this.live.get(projection.name)?.checkpoint()?.position;
      return seen !== undefined && comparePositions(seen, position) >= 0;
    };
    this.checkOpen();
    if (passed() || timeoutMs <= 0) return passed();
    return new Promise((resolve) => {
      const settle = () => {
        if (!passed() && !this.closed) return;
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve(passed());
      };
      const timer = setTimeout(() => {
        this.waiting.delete(settle);
        resolve(passed());
      }, timeoutMs);
      this.waiting.add(settle);
    });
  }

  override async writer(projection: Projection): Promise<FoldWriter> {
    this.ensure(projection);
    return new MemoryWriter(
      () => this.current(projection),
      () => this.wake(),
    );
  }

  override async sharedWriter(projection: Projection, share: Share): Promise<FoldWriter> {
    const model = this.ensure(projection);
    const fenced = new Fenced(this.fences, { projection: projection.name, share });
    fenced.raise();
    return new MemorySharedWriter(fenced, {
      model: () => {
        const current = this.current(projection);
        // A writer counts on what it read: of what took its place, it must first read how far that is.
        if (current !== model) throw new ShareLost(`${projection.name} was built anew`);
        return current;
      },
      changed: () => this.wake(),
    });
  }

  override async rebuild(projection: Projection): Promise<Rebuild> {
    checkDeclaration(projection);
    this.checkOpen();
    return new MemoryRebuild(projection, this.shelf(), new MemoryModel(projection));
  }

  override async forget(projection: Projection): Promise<void> {
    this.checkOpen();
    this.live.delete(projection.name);
  }

  override async comparison(projection: Projection): Promise<FoldComparison> {
    checkDeclaration(projection);
    this.current(projection);
    return new MemoryComparison(projection, this.shelf(), new MemoryModel(projection));
  }

  override async close(): Promise<void> {
    this.closed = true;
    this.wake();
  }

  private shelf(): Shelf {
    return { live: this.live, changed: () => this.wake() };
  }

  private wake(): void {
    for (const settle of this.waiting) settle();
  }

  private checkOpen(): void {
    if (this.closed) throw new ReadModelsUnavailable('read-models.unavailable', 'closed');
  }

  /** The live model, made when absent. */
  private ensure(projection: Projection): MemoryModel {
    checkDeclaration(projection);
    this.checkOpen();
    if (!this.live.has(projection.name)) {
      this.live.set(projection.name, new MemoryModel(projection));
    }
    return this.current(projection);
  }

  private current(projection: Projection): MemoryModel {
    this.checkOpen();
    const model = this.live.get(projection.name);
    if (model && isCurrent(model, projection)) return model;
    throw rebuilding(projection);
  }

  /** A model that has these columns, be it an older one. */
  private serving(projection: Projection, names: readonly string[]): MemoryModel {
    this.checkOpen();
    const model = this.live.get(projection.name);
    if (!model || columnMissing(model.fields, projection, names) !== undefined) {
      throw rebuilding(projection);
    }
    return model;
  }
}

function isCurrent(model: MemoryModel, projection: Projection): boolean {
  return (
    model.version === projection.version && shapeOf(model.fields) === shapeOf(projection.fields)
  );
}

function fieldsOf(where: readonly Condition[]): readonly string[] {
  return where.map(({ field }) => field);
}

function rebuilding({ name }: Projection): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.rebuilding', `${name} is not built yet`);
}
