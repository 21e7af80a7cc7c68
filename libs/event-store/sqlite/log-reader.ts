import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import { InvariantBroken, type Position, type StoredEvent } from '#kernel';
import { StreamNames } from './stream-names.js';

type EventRow = readonly [
  position: number,
  stream: number,
  revision: number,
  id: string,
  type: string,
  data: string,
  metadata: string,
];

// Without the streams' names: they are kept, and joining them costs as much as reading the event.
const EVENTS =
  'SELECT position, stream, revision, lower(hex(id)), type, data, metadata FROM events';

/**
 * Not a bare `LIMIT ?`: SQLite plans by that parameter, and so compiles the statement again each time
 * it is bound, which takes four times as long as reading a short stream.
 */
const LIMIT = 'LIMIT ? + 0';

/** The statements that read the log. Each reads within one turn, so no reader holds up the log. */
export class LogReader {
  readonly #forwards: StatementSyncInstance;
  readonly #backwards: StatementSyncInstance;
  readonly #page: StatementSyncInstance;
  readonly #head: StatementSyncInstance;
  readonly #names: StreamNames;

  /** Statements do not keep their database alive, so the reader does. */
  constructor(readonly database: DatabaseSyncInstance) {
    const inStream = `${EVENTS} WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision`;
    this.#forwards = rows(database, `${inStream} ASC ${LIMIT}`);
    this.#backwards = rows(database, `${inStream} DESC ${LIMIT}`);
    this.#page = rows(
      database,
      `${EVENTS} WHERE position BETWEEN ? AND ? ORDER BY position ${LIMIT}`,
    );
    this.#head = rows(database, 'SELECT max(position) FROM events');
    this.#names = new StreamNames(database);
  }

  stream(
    name: string,
    range: {
      readonly direction: 'forwards' | 'backwards';
      readonly first: number;
      readonly last: number;
      readonly limit: number;
    },
  ): readonly StoredEvent[] {
    const number = this.#names.numberOf(name);
    if (number === undefined) return [];
    const statement = range.direction === 'forwards' ? this.#forwards : this.#backwards;
    const found = statement.all(number, range.first, range.last, range.limit) as EventRow[];
    return found.map((row) => storedEvent(row, name));
  }

  page(first: number, last: number, limit: number): readonly StoredEvent[] {
    const found = this.#page.all(first, last, limit) as EventRow[];
    const names = this.#names.namesOf(found.map(([, stream]) => stream));
    return found.map((row) => {
      const name = names.get(row[1]);
      if (name === undefined) throw new InvariantBroken(`position ${row[0]} is of no stream`);
      return storedEvent(row, name);
    });
  }

  /** Position of the last event; -1 when there is none. */
  head(): number {
    const [position] = this.#head.get() as readonly [number | null];
    return position ?? -1;
  }
}

function rows(database: DatabaseSyncInstance, sql: string): StatementSyncInstance {
  const statement = database.prepare(sql);
  // Arrays are read half as fast again as objects.
  statement.setReturnArrays(true);
  return statement;
}

function storedEvent(row: EventRow, stream: string): StoredEvent {
  const [position, , revision, id, type, data, metadata] = row;
  return {
    position: String(position),
    stream,
    revision,
    id: uuidFromHex(id),
    type,
    // What went in was canonical JSON, and the log hands back the bytes that went in.
    data: data as StoredEvent['data'],
    metadata: metadata as StoredEvent['metadata'],
  };
}

export function uuidFromHex(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The number behind a position that this adapter handed out. @throws InvariantBroken */
export function numberOfPosition(position: Position): number {
  const number = Number(position);
  if (!Number.isSafeInteger(number) || String(number) !== position || number < 0) {
    throw new InvariantBroken(`${JSON.stringify(position)} is not a position of this store`);
  }
  return number;
}
