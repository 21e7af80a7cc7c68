import { canonicalJson, comparePositions } from '#kernel';
import {
  FIXED_COLUMNS,
  type Checkpoint,
  type Difference,
  type Differences,
  type Fields,
  type Fold,
  type FoldBatch,
  type Projection,
  type Row,
} from '#read-models/port';

/** One read model: what would be a table elsewhere. */
export class MemoryModel {
  readonly fields: Fields;
  readonly version: number;
  checkpoint: Checkpoint | undefined;
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

  store({ changes, checkpoint }: FoldBatch): void {
    for (const { after } of changes) this.put(after);
    if (this.checkpoint && comparePositions(this.checkpoint.position, checkpoint.position) >= 0)
      return;
    this.checkpoint = checkpoint;
  }

  /** Another model with the same content, which later writes to this one do not reach. */
  copy(projection: Projection): MemoryModel {
    const copy = new MemoryModel(projection);
    copy.folds = new Map(this.folds);
    copy.checkpoint = this.checkpoint;
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
