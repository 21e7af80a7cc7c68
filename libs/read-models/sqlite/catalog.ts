import { InvariantBroken } from '#kernel';
import { shapeOf, type Checkpoint, type Fields, type Projection } from '#read-models/port';
import type { Session, SqlValue } from './session.js';

/**
 * What the file knows of itself. A generation is one table of one projection: `live` serves,
 * `build` is on its way, `discarded` waits to be dropped. `redress_columns` is for analysts.
 */
export const CATALOG_SCHEMA = `
  CREATE TABLE redress_read_models (
    generation INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'build', 'discarded')),
    tableName TEXT NOT NULL,
    version INTEGER NOT NULL,
    fields TEXT NOT NULL,
    processId INTEGER NOT NULL,
    position INTEGER,
    eventsSeen INTEGER,
    eventsMissing INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX redress_live ON redress_read_models (name) WHERE state = 'live';
  CREATE TABLE redress_columns (
    tableName TEXT NOT NULL,
    columnName TEXT NOT NULL,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (tableName, columnName)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE redress_vacancies (
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    firstPosition INTEGER NOT NULL,
    PRIMARY KEY (generation, id)
  ) STRICT, WITHOUT ROWID;
`;

/** One table of one projection, as the file describes it. */
export type Generation = {
  readonly generation: number;
  readonly name: string;
  readonly table: string;
  readonly version: number;
  readonly fields: Fields;
};

const FIXED_DESCRIPTIONS: readonly (readonly [string, string, string])[] = [
  ['id', 'string', 'Name of the stream of events behind the row.'],
  ['revision', 'integer', "The stream's last event in the row, counted from 0."],
  ['position', 'integer', 'Place of that event in the log.'],
  ['firstPosition', 'integer', "Place of the stream's first event in the log."],
];

export function tableOf(projection: Projection): string {
  return projection.name.replaceAll('-', '_');
}

/** The generations of one file; parsed once each, as they never change but for their table. */
export class Catalog {
  private readonly parsed = new Map<number, Fields>();

  constructor(private readonly session: Session) {}

  live(name: string): Generation | undefined {
    const sql = `SELECT generation, name, tableName, version, fields
      FROM redress_read_models WHERE name = ? AND state = 'live'`;
    return this.read(this.session.get(sql, [name]));
  }

  find(generation: number): Generation | undefined {
    const sql = `SELECT generation, name, tableName, version, fields
      FROM redress_read_models WHERE generation = ?`;
    return this.read(this.session.get(sql, [generation]));
  }

  /** Enters a table that the caller makes in the same transaction. */
  enter(projection: Projection, state: 'live' | 'build'): Generation {
    const row = this.session.get(
      `INSERT INTO redress_read_models (name, state, tableName, version, fields, processId)
       VALUES (?, ?, ?, ?, ?, ?) RETURNING generation`,
      [
        projection.name,
        state,
        tableOf(projection),
        projection.version,
        JSON.stringify(projection.fields),
        process.pid,
      ],
    );
    const generation = Number(row?.[0]);
    if (state === 'live') this.describe(projection);
    else this.move(generation, 'build', `redress_build_${generation}`);
    const entered = this.find(generation);
    if (!entered) throw new InvariantBroken(`${projection.name}: no generation ${generation}`);
    return entered;
  }

  move(generation: number, state: 'live' | 'build' | 'discarded', table: string): void {
    const sql = 'UPDATE redress_read_models SET state = ?, tableName = ? WHERE generation = ?';
    this.session.run(sql, [state, table, generation]);
  }

  forget(generation: number): void {
    this.session.run('DELETE FROM redress_vacancies WHERE generation = ?', [generation]);
    this.session.run('DELETE FROM redress_read_models WHERE generation = ?', [generation]);
    this.parsed.delete(generation);
  }

  /** Generations in a state that is not for queries, with the process that left them. */
  leftovers(): readonly {
    readonly generation: Generation;
    readonly processId: number;
    readonly state: string;
  }[] {
    const sql = `SELECT generation, name, tableName, version, fields, processId, state
      FROM redress_read_models WHERE state <> 'live'`;
    return this.session.all(sql).flatMap((row) => {
      const generation = this.read(row);
      return generation ? [{ generation, processId: Number(row[5]), state: String(row[6]) }] : [];
    });
  }

  checkpoint(generation: number): Checkpoint | undefined {
    const sql = `SELECT position, eventsSeen, eventsMissing
      FROM redress_read_models WHERE generation = ? AND position IS NOT NULL`;
    return checkpointFrom(this.session.get(sql, [generation]));
  }

  /** Never goes back. */
  advance(generation: number, checkpoint: Checkpoint): void {
    const position = integerOf(checkpoint.position);
    this.session.run(
      `UPDATE redress_read_models SET position = ?, eventsSeen = ?, eventsMissing = ?
       WHERE generation = ? AND (position IS NULL OR position < ?)`,
      [position, checkpoint.eventsSeen, checkpoint.eventsMissing, generation, position],
    );
  }

  describe(projection: Projection): void {
    const table = tableOf(projection);
    this.session.run('DELETE FROM redress_columns WHERE tableName = ?', [table]);
    const declared = Object.entries(projection.fields).map(
      ([name, field]) => [name, field.kind, field.description] as const,
    );
    for (const [name, kind, description] of [...FIXED_DESCRIPTIONS, ...declared]) {
      this.session.run('INSERT INTO redress_columns VALUES (?, ?, ?, ?)', [
        table,
        name,
        kind,
        description,
      ]);
    }
  }

  private read(row: readonly SqlValue[] | undefined): Generation | undefined {
    if (!row) return undefined;
    const [generation, name, table, version, text] = row;
    const number = Number(generation);
    const fields = this.parsed.get(number) ?? (JSON.parse(String(text)) as Fields);
    this.parsed.set(number, fields);
    return {
      generation: number,
      name: String(name),
      table: String(table),
      version: Number(version),
      fields,
    };
  }
}

export function isCurrent(stored: Generation, projection: Projection): boolean {
  return (
    stored.version === projection.version && shapeOf(stored.fields) === shapeOf(projection.fields)
  );
}

export function checkpointFrom(row: readonly SqlValue[] | undefined): Checkpoint | undefined {
  if (!row) return undefined;
  const [position, eventsSeen, eventsMissing] = row;
  return {
    position: String(position),
    eventsSeen: Number(eventsSeen),
    eventsMissing: Number(eventsMissing),
  };
}

/** Positions are numbers in the table, so that SQL sorts them. */
export function integerOf(position: string): number {
  const integer = Number(position);
  if (Number.isSafeInteger(integer) && integer >= 0) return integer;
  throw new InvariantBroken(`position ${position} does not fit a column of these read models`);
}
