import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import type { NewEvent } from '#kernel';
import {
  judgeAppend,
  WrongExpectedRevision,
  type Appended,
  type ExpectedRevision,
  type StreamView,
} from '#event-store/port';
import { uuidFromHex } from './log-reader.js';
import { MarkTable, type MarkWrite, type MarkWritten } from './mark-table.js';

export type Append = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
};

export type Write = Append | MarkWrite;
export type Written = Appended | MarkWritten;

/** What became of each write of a group, in its order, or of the group as a whole. */
export type GroupOutcome =
  | { readonly kind: 'committed'; readonly outcomes: readonly (Written | WrongExpectedRevision)[] }
  /** An error before COMMIT: nothing of the group is written. */
  | { readonly kind: 'rolled-back'; readonly cause: unknown }
  /** COMMIT erred: the group may be written or not, until the log is opened again. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** Streams whose number and last revision are remembered: about 10 MB. */
export const STREAM_CACHE_MAX = 50_000;

type KnownStream = { readonly number: number; lastRevision: number };

/** Writes groups of appends and marks, each group in one transaction. The only code that changes the log. */
export class LogWriter {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #marks: MarkTable;
  /** Valid only because there is one writer; emptied when a transaction does not commit. */
  readonly #known = new Map<string, KnownStream>();
  #nextPosition: number | undefined;

  constructor(
    readonly database: DatabaseSyncInstance,
    /** Runs COMMIT; fault tests throw before or after it. */
    readonly commit: (run: () => void) => void,
  ) {
    this.#statements = prepareStatements(database);
    this.#marks = new MarkTable(database);
  }

  write(group: readonly Write[]): GroupOutcome {
    const outcomes: (Written | WrongExpectedRevision)[] = [];
    try {
      this.#statements.begin.run();
      for (const write of group) {
        outcomes.push('mark' in write ? this.#marks.write(write) : this.#append(write));
      }
    } catch (cause) {
      this.#abandon();
      return { kind: 'rolled-back', cause };
    }
    try {
      this.commit(() => this.#statements.commit.run());
      return { kind: 'committed', outcomes };
    } catch (cause) {
      this.#abandon();
      return { kind: 'unknown', cause };
    }
  }

  #append({ stream, expected, events }: Append): Appended | WrongExpectedRevision {
    const known = this.#stream(stream);
    const judgement = judgeAppend(
      expected,
      events.map(({ id }) => id),
      this.#view(known),
    );
    if (judgement.kind === 'conflict') {
      return new WrongExpectedRevision(stream, expected, known?.lastRevision);
    }
    if (judgement.kind === 'repeated') {
      const revision = judgement.lastRevision;
      const [position] = this.#statements.positionAt.get(known?.number, revision) as [number];
      return { revision, position: String(position), repeated: true };
    }
    return this.#insert(known ?? this.#create(stream), events);
  }

  #insert(stream: KnownStream, events: readonly NewEvent[]): Appended {
    let position = this.#nextPosition ?? this.#readNextPosition();
    for (const { id, type, data, metadata } of events) {
      const revision = stream.lastRevision + 1;
      const idHex = id.replaceAll('-', '');
      this.#statements.insert.run(position, stream.number, revision, idHex, type, data, metadata);
      stream.lastRevision = revision;
      position += 1;
    }
    this.#nextPosition = position;
    return { revision: stream.lastRevision, position: String(position - 1), repeated: false };
  }

  #stream(name: string): KnownStream | undefined {
    const known = this.#known.get(name);
    if (known) return known;
    const row = this.#statements.stream.get(name) as [number, number | null] | undefined;
    if (!row) return undefined;
    const [number, lastRevision] = row;
    return this.#remember(name, { number, lastRevision: lastRevision ?? -1 });
  }

  #create(name: string): KnownStream {
    const { lastInsertRowid } = this.#statements.createStream.run(name);
    return this.#remember(name, { number: Number(lastInsertRowid), lastRevision: -1 });
  }

  #remember(name: string, stream: KnownStream): KnownStream {
    // The oldest goes first: appends come in bursts around what was touched last.
    const [oldest] = this.#known.size >= STREAM_CACHE_MAX ? this.#known.keys() : [];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, stream);
    return stream;
  }

  #readNextPosition(): number {
    const [last] = this.#statements.lastPosition.get() as [number | null];
    return (last ?? -1) + 1;
  }

  #view(stream: KnownStream | undefined): StreamView {
    const { idAt, revisionOf } = this.#statements;
    return {
      lastRevision: stream && stream.lastRevision >= 0 ? stream.lastRevision : undefined,
      idAt: (revision) => {
        const row = idAt.get(stream?.number, revision) as [string] | undefined;
        return row && uuidFromHex(row[0]);
      },
      revisionOf: (id) => {
        const [revision] = revisionOf.get(stream?.number, id.replaceAll('-', '')) as [
          number | null,
        ];
        return revision ?? undefined;
      },
    };
  }

  /** What was remembered of the abandoned transaction is wrong now. */
  #abandon(): void {
    this.#known.clear();
    this.#nextPosition = undefined;
    if (!this.database.isTransaction) return;
    try {
      this.database.exec('ROLLBACK');
    } catch {
      // A transaction without COMMIT has no effect however it ends; the next BEGIN, which then
      // errs, tells of a connection that is beyond use.
    }
  }
}

function prepareStatements(database: DatabaseSyncInstance) {
  const prepare = (sql: string): StatementSyncInstance => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    insert: prepare(
      `INSERT INTO events (position, stream, revision, id, type, data, metadata)
       VALUES (?, ?, ?, unhex(?), ?, ?, ?)`,
    ),
    createStream: prepare('INSERT INTO streams (name) VALUES (?)'),
    stream: prepare(
      `SELECT number, (SELECT max(revision) FROM events WHERE stream = number)
       FROM streams WHERE name = ?`,
    ),
    lastPosition: prepare('SELECT max(position) FROM events'),
    positionAt: prepare('SELECT position FROM events WHERE stream = ? AND revision = ?'),
    idAt: prepare('SELECT lower(hex(id)) FROM events WHERE stream = ? AND revision = ?'),
    revisionOf: prepare('SELECT max(revision) FROM events WHERE stream = ? AND id = unhex(?)'),
  };
}
