import { comparePositions, type DomainEvent, type Position, type Recorded } from '#kernel';

export type FieldValue = string | number | boolean | null | object;

/** What a column holds. `json` is canonical JSON text: kept and shown, never searched. */
export type FieldKind = 'string' | 'integer' | 'boolean' | 'instant' | 'day' | 'json';

export type Field = {
  readonly kind: FieldKind;
  /** One sentence for the analyst who meets the column. */
  readonly description: string;
  /**
   * Of text: every word that it can hold; asking for another one is refused, since it would never be
   * found. More words may be added without a rebuild.
   */
  readonly words?: readonly string[];
  /** May stand in a `where`; an index serves it together with every declared sort. Not for json. */
  readonly filter?: true;
  /**
   * May be sorted by, and asked for ranges of in that order. The first field so declared is the
   * order of a query that names none.
   */
  readonly sort?: true;
  /** May be counted by, filtered on while counting, and (integers) put into a histogram. Not for json. */
  readonly group?: true;
};

/** One row of a read model: the declared fields. Nested content sits in fields of kind `json`. */
export type Document = { readonly [field: string]: FieldValue };

/**
 * A pure fold from the events of one stream into one document, kept as one plain table or
 * collection named after `name`. Total: every event of the stream kind passes through `evolve`.
 */
export type Projection<Event extends DomainEvent = DomainEvent, Doc extends Document = Document> = {
  /** Kebab-case literal, stored and never changed: `complaint-register`. */
  readonly name: string;
  /** Raised with every change of fields or evolve; the read model is then rebuilt beside the old. */
  readonly version: number;
  /** Kind of stream that is folded: events of streams `<kind>-<uuid>`. */
  readonly streamKind: string;
  readonly fields: { readonly [Name in keyof Doc & string]: Field };
  /** Undefined in: the stream's first event. Undefined out: there is no document (yet). */
  // A method, so that a projection of some events may stand where one of any events is asked for.
  evolve(document: Doc | undefined, event: Recorded<Event>): Doc | undefined;
};

/** Names a projection's parts once, with their types held against each other. */
export function defineProjection<Event extends DomainEvent, Doc extends Document>(
  projection: Projection<Event, Doc>,
): Projection<Event, Doc> {
  return projection;
}

/** A document with the four columns that every read model has. */
export type Row<Doc extends Document = Document> = {
  /** The stream's name. */
  readonly id: string;
  /** Revision of the last event of the stream that was folded in. */
  readonly revision: number;
  /** Position of that event: guards the write, tells how fresh the row is. */
  readonly position: Position;
  /** Position of the stream's first event: never changes, orders ties, says which came first. */
  readonly firstPosition: Position;
  readonly document: Doc;
};

/** What a projector knows of one stream; without a document when evolve made none (yet). */
export type Fold<Doc extends Document = Document> = Omit<Row<Doc>, 'document'> & {
  readonly document: Doc | undefined;
};

/** How far a read model has come. */
export type Checkpoint = {
  readonly position: Position;
  /** Events of the log, of whatever kind, up to this position that the projector has passed. */
  readonly eventsSeen: number;
  /** Events that should have been there by their stream revisions, but were not. 0, or a bug. */
  readonly eventsMissing: number;
};

/** True when `checkpoint` lies before `other`; nothing seen lies before everything. */
export function isBehind(
  checkpoint: Checkpoint | undefined,
  other: Checkpoint | undefined,
): boolean {
  if (!other) return false;
  return !checkpoint || comparePositions(checkpoint.position, other.position) < 0;
}
