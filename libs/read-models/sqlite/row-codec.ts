import { canonicalJson, InvariantBroken } from '#kernel';
import {
  ReadModelsUnavailable,
  type Document,
  type FieldKind,
  type FieldValue,
  type Fields,
  type Fold,
  type Row,
} from '#read-models/port';
import { integerOf } from './catalog.js';
import type { SqlValue } from './session.js';

/** Between a document and the columns of its row, in the order of the fields. */
export class RowCodec {
  private readonly entries: readonly (readonly [string, FieldKind])[];
  /**
   * An empty document to copy and fill. One that is given its members name by name becomes a
   * dictionary after a dozen, slow for whoever reads it (docs/decisions/0013).
   */
  private readonly blank: Readonly<Record<string, FieldValue>>;

  constructor(fields: Fields) {
    this.entries = Object.entries(fields).map(([name, { kind }]) => [name, kind]);
    const blank = Object.fromEntries(this.entries.map(([name]) => [name, null]));
    this.blank = JSON.parse(JSON.stringify(blank)) as Record<string, FieldValue>;
  }

  /** @throws InvariantBroken when a projection made a document that it did not declare. */
  columnsOf(fold: Fold, document: Document): SqlValue[] {
    const columns: SqlValue[] = [
      fold.id,
      fold.revision,
      integerOf(fold.position),
      integerOf(fold.firstPosition),
    ];
    for (const [name, kind] of this.entries) columns.push(toColumn(name, kind, document[name]));
    return columns;
  }

  rowFrom(columns: readonly SqlValue[]): Row {
    const document: Record<string, FieldValue> = { ...this.blank };
    let place = 4;
    for (const [name, kind] of this.entries) {
      document[name] = fromColumn(kind, columns[place] ?? null);
      place += 1;
    }
    return {
      id: String(columns[0]),
      revision: Number(columns[1]),
      position: String(columns[2]),
      firstPosition: String(columns[3]),
      document,
    };
  }
}

export function toColumn(name: string, kind: FieldKind, value: FieldValue | undefined): SqlValue {
  if (value === null) return null;
  switch (kind) {
    case 'integer':
      if (Number.isSafeInteger(value)) return value as number;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      break;
    case 'json':
      if (value !== undefined) return canonicalJson(value);
      break;
    default:
      if (typeof value === 'string') return value;
  }
  throw new InvariantBroken(`field ${name}: ${typeof value} is not a value of kind ${kind}`);
}

export function fromColumn(kind: FieldKind, column: SqlValue): FieldValue {
  if (column === null) return null;
  switch (kind) {
    case 'boolean':
      return column === 1;
    case 'json':
      return parsed(String(column));
    default:
      return column;
  }
}

function parsed(text: string): FieldValue {
  try {
    return JSON.parse(text) as FieldValue;
  } catch (cause) {
    const reason = 'a json column holds something else; rebuild the read models';
    throw new ReadModelsUnavailable('read-models.unavailable', reason, { cause });
  }
}
