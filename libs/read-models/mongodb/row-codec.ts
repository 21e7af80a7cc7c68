import type { Long, ObjectId } from 'mongodb';
import { InvariantBroken } from '#kernel';
import type { Document, FieldKind, FieldValue, Fields, Fold, Row } from '#read-models/port';
import { restored, storable } from './json-values.js';
import { longOf, positionOf } from './positions.js';

/**
 * A stream's document. What begins with `_` is ours, as no declared field can; the rest is for
 * everybody: `revision`, `position`, `firstPosition` and the declared fields.
 */
export type StoredRow = {
  readonly _id: string;
  /** Which build of the read model it belongs to. */
  readonly _generation: ObjectId;
  /** There is no document (any more); kept, because the projector goes on from it. */
  readonly _gone?: true;
  /** Keys in json fields were escaped, see json-values. */
  readonly _escaped?: true;
  readonly revision: number;
  readonly position: Long;
  readonly firstPosition: Long;
  readonly [field: string]: unknown;
};

/** Between folds and what is stored of them. */
export class RowCodec {
  private readonly entries: readonly (readonly [string, FieldKind])[];
  /** An empty document to copy and fill, so that all have one shape (docs/decisions/0013). */
  private readonly blank: Readonly<Record<string, FieldValue>>;

  constructor(fields: Fields) {
    this.entries = Object.entries(fields).map(([name, { kind }]) => [name, kind]);
    const blank = Object.fromEntries(this.entries.map(([name]) => [name, null]));
    this.blank = JSON.parse(JSON.stringify(blank)) as Record<string, FieldValue>;
  }

  /** @throws InvariantBroken when a projection made a document that it did not declare. */
  rowOf(fold: Fold, generation: ObjectId): StoredRow {
    const row: Record<string, unknown> & StoredRow = {
      _id: fold.id,
      _generation: generation,
      revision: fold.revision,
      position: longOf(fold.position),
      firstPosition: longOf(fold.firstPosition),
    };
    const { document } = fold;
    if (!document) return { ...row, _gone: true };
    let escaped = false;
    for (const [name, kind] of this.entries) {
      const value = document[name];
      checkKind(name, kind, value);
      if (kind !== 'json' || value === null) {
        row[name] = value;
        continue;
      }
      const stored = storable(value);
      row[name] = stored.value;
      escaped ||= stored.escaped;
    }
    return escaped ? { ...row, _escaped: true } : row;
  }

  foldOf(row: StoredRow): Fold {
    return { ...placeOf(row), document: row._gone ? undefined : this.documentOf(row) };
  }

  /** Of a row that a query has found: those that are gone are not. */
  shownOf(row: StoredRow): Row {
    return { ...placeOf(row), document: this.documentOf(row) };
  }

  private documentOf(row: StoredRow): Document {
    const document: Record<string, FieldValue> = { ...this.blank };
    for (const [name, kind] of this.entries) {
      const stored = (row[name] ?? null) as FieldValue;
      document[name] = row._escaped && kind === 'json' ? (restored(stored) as FieldValue) : stored;
    }
    return document;
  }
}

function placeOf(row: StoredRow): Omit<Row, 'document'> {
  return {
    id: row._id,
    revision: row.revision,
    position: positionOf(row.position),
    firstPosition: positionOf(row.firstPosition),
  };
}

function checkKind(name: string, kind: FieldKind, value: FieldValue | undefined): void {
  if (value === null) return;
  switch (kind) {
    case 'integer':
      if (Number.isSafeInteger(value)) return;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return;
      break;
    case 'json':
      if (value !== undefined) return;
      break;
    default:
      if (typeof value === 'string') return;
  }
  throw new InvariantBroken(`field ${name}: ${typeof value} is not a value of kind ${kind}`);
}
