import { canonicalJson, comparePositions, type Position } from '#kernel';
import {
  checkpointOver,
  FIXED_COLUMNS,
  furthestOf,
  isBehind,
  PARTITION_COUNT,
  type Checkpoint,
  type Difference,
  type Differences,
  type Fields,
  type Fold,
  type FoldBatch,
  type Projection,
  type Row,
} from '#read-models/port';

export const EVERY_PARTITION: readonly number[] = Array.from(
  { length: PARTITION_COUNT },
  (_, n) => n,
);

/** One read model: what would be a table elsewhere. */
export class MemoryModel {
  readonly fields: Fields;
  readonly version: number;
  private checkpoints: readonly (Checkpoint | undefined)[] = EVERY_PARTITION.map(() => undefined);
  private folds = new Map<string, Fold>();

  constructor(projection: Projection) {
    this.fields = projection.fields;
    this.version = projection.version;
  }

  get(id: string): Fold | undefined {
    return this.folds.get(id);
  }

  rows(): readonly Row[] {
    return [...this.folds.values()].filter(hasDocument);
  }

  put(fold: Fold): void {
    const stored = this.folds.get(fold.id);
    if (stored && comparePositions(stored.position, fold.position) >= 0) return;
    this.folds.set(fold.id, fold);
  }

  /** How far these partitions have come. */
  checkpoint(partitions: readonly number[] = EVERY_PARTITION): Checkpoint | undefined {
    return checkpointOver(partitions.map((partition) => this.checkpoints[partition]));
  }

  furthest(): Position | undefined {
    return furthestOf(this.checkpoints);
  }

  /** True when some partition has come further than this. */
  isAheadOf(checkpoint: Checkpoint | undefined): boolean {
    return this.checkpoints.some((reached) => isBehind(checkpoint, reached));
  }

  complete(checkpoint: Checkpoint | undefined): void {
    this.checkpoints = EVERY_PARTITION.map(() => checkpoint);
  }

  store({ changes, checkpoint }: FoldBatch, partitions: readonly number[] = EVERY_PARTITION): void {
    for (const { after } of changes) this.put(after);
    this.checkpoints = this.checkpoints.map((reached, partition) =>
      partitions.includes(partition) && isBehind(reached, checkpoint) ? checkpoint : reached,
    );
  }

  /** Another model with the same content, which later writes to this one do not reach. */
  copy(projection: Projection): MemoryModel {
    const copy = new MemoryModel(projection);
    copy.folds = new Map(this.folds);
    copy.checkpoints = this.checkpoints;
    return copy;
  }
}

function hasDocument(fold: Fold): fold is Row {
  return fold.document !== undefined;
}

/** What is wrong with `live`, measured by `built`. */
export function differencesOf(
  projection: Projection,
  sides: { readonly built: MemoryModel; readonly live: MemoryModel },
  limit: number,
): Differences {
  const built = new Map(sides.built.rows().map((row) => [row.id, row]));
  const live = new Map(sides.live.rows().map((row) => [row.id, row]));
  const all: Difference[] = [];
  for (const id of [...new Set([...built.keys(), ...live.keys()])].toSorted()) {
    const difference = differenceOf(projection, built.get(id), live.get(id));
    if (difference) all.push(difference);
  }
  return { documents: built.size, differing: all.length, first: all.slice(0, limit) };
}

function differenceOf(
  projection: Projection,
  built: Row | undefined,
  live: Row | undefined,
): Difference | undefined {
  const id = (built ?? live)?.id ?? '';
  if (!built) return { projection: projection.name, id, fields: [], kind: 'surplus' };
  if (!live) return { projection: projection.name, id, fields: [], kind: 'missing' };
  const columns = FIXED_COLUMNS.filter((column) => built[column] !== live[column]);
  const fields = Object.keys(projection.fields).filter(
    (name) => canonicalJson(built.document[name]) !== canonicalJson(live.document[name]),
  );
  if (columns.length + fields.length === 0) return undefined;
  return { projection: projection.name, id, fields: [...columns, ...fields], kind: 'changed' };
}
