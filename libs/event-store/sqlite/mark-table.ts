import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';
import type { CanonicalJson } from '#kernel';
import { judgeMark, WrongExpectedRevision, type ExpectedMark, type Mark } from '#event-store/port';

/** A value for a mark; `mark` tells it from an append. */
export type MarkWrite = {
  readonly mark: string;
  readonly value: CanonicalJson;
  readonly expected: ExpectedMark;
};

/** The new revision of a mark, or the stored one of a write that was repeated. */
export type MarkWritten = { readonly markRevision: number };

/**
 * No new version of the format: a program that does not know this table reads and writes the log as
 * before and leaves the table alone. So it is made with the first mark, and not with the log.
 */
const TABLE = `
  CREATE TABLE IF NOT EXISTS marks (
    name TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT
`;
const TABLE_COUNT = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'marks'";
const ONE = 'SELECT revision, value FROM marks WHERE name = ?';
const KEEP = `
  INSERT INTO marks (name, revision, value) VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, value = excluded.value
`;

/** Marks beside the log, in its file: a commit holds both, and a backup too. */
export class MarkTable {
  readonly #tableCount: StatementSyncInstance;
  #one: StatementSyncInstance | undefined;

  constructor(private readonly database: DatabaseSyncInstance) {
    this.#tableCount = database.prepare(TABLE_COUNT);
    this.#tableCount.setReturnArrays(true);
  }

  read(name: string): Mark | undefined {
    const row = this.#select()?.get(name) as readonly [number, string] | undefined;
    // What went in was canonical JSON, and the table hands back the text that went in.
    return row && { revision: row[0], value: row[1] as CanonicalJson };
  }

  /** Within the transaction of whoever calls. */
  write({ mark, value, expected }: MarkWrite): MarkWritten | WrongExpectedRevision {
    const current = this.read(mark);
    const judgement = judgeMark(expected, value, current);
    if (judgement === 'conflict') {
      return new WrongExpectedRevision(mark, expected, current?.revision);
    }
    const markRevision = expected === 'no-mark' ? 0 : expected + 1;
    if (judgement === 'repeated') return { markRevision };
    // Seldom enough to be prepared each time: the table may have been made by this transaction.
    this.database.exec(TABLE);
    this.database.prepare(KEEP).run(mark, markRevision, value);
    return { markRevision };
  }

  #select(): StatementSyncInstance | undefined {
    if (this.#one) return this.#one;
    const [count] = this.#tableCount.get() as unknown as readonly [number];
    if (count === 0) return undefined;
    const statement = this.database.prepare(ONE);
    statement.setReturnArrays(true);
    // A table that the open transaction made may yet come to nothing.
    if (!this.database.isTransaction) this.#one = statement;
    return statement;
  }
}
