import { DatabaseSync } from '@photostructure/sqlite';
import { ReadModelsUnavailable } from '#read-models/port';

export type SqlValue = string | number | null;
type Statement = ReturnType<InstanceType<typeof DatabaseSync>['prepare']>;

/** How long a statement waits for another connection's transaction. */
export const BUSY_TIMEOUT_MS = 10_000;
/** Prepared statements kept; each update pattern and query shape has its own. */
const STATEMENTS_MAX = 512;

/**
 * One connection. Keeps its handle referenced: a handle that is garbage-collected closes the
 * database under its statements. Everything is synchronous, so that no transaction is ever open
 * across an await, where another task's writes could fall into it.
 */
export class Session {
  private readonly statements = new Map<string, Statement>();

  private constructor(private readonly handle: InstanceType<typeof DatabaseSync>) {}

  /** @throws ReadModelsUnavailable */
  static open(file: string): Session {
    return translated(
      () =>
        new Session(
          new DatabaseSync(file, {
            timeout: BUSY_TIMEOUT_MS,
            enableForeignKeyConstraints: false,
            enableDoubleQuotedStringLiterals: false,
          }),
        ),
    );
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    translated(() => this.handle.exec(sql));
  }

  /** Rows as arrays of columns. */
  all(sql: string, parameters: readonly SqlValue[] = []): readonly (readonly SqlValue[])[] {
    return translated(
      () => this.statement(sql).all(...parameters) as readonly (readonly SqlValue[])[],
    );
  }

  /** The first row, as an array of columns. */
  get(sql: string, parameters: readonly SqlValue[] = []): readonly SqlValue[] | undefined {
    return translated(
      () => this.statement(sql).get(...parameters) as readonly SqlValue[] | undefined,
    );
  }

  /** How many rows were changed. */
  run(sql: string, parameters: readonly SqlValue[] = []): number {
    return translated(() => this.statement(sql).run(...parameters).changes);
  }

  /** One writing transaction; rolled back when `work` throws. */
  transaction<Result>(work: () => Result): Result {
    return this.enclosed('BEGIN IMMEDIATE', work);
  }

  /** One reading transaction: everything in it sees the same state. */
  snapshot<Result>(work: () => Result): Result {
    return this.enclosed('BEGIN DEFERRED', work);
  }

  close(): void {
    this.statements.clear();
    if (this.handle.isOpen) this.handle.close();
  }

  private enclosed<Result>(begin: string, work: () => Result): Result {
    this.exec(begin);
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // Some errors (a full disk) have rolled back already.
      if (this.handle.isOpen && this.handle.isTransaction) this.exec('ROLLBACK');
      throw error;
    }
  }

  private statement(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const [oldest] = this.statements.keys();
    if (this.statements.size >= STATEMENTS_MAX && oldest !== undefined) {
      this.statements.delete(oldest);
    }
    const statement = this.handle.prepare(sql);
    statement.setReturnArrays(true);
    this.statements.set(sql, statement);
    return statement;
  }
}

/** No driver's error crosses the port. */
function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ReadModelsUnavailable('read-models.unavailable', `read models: ${reason}`, { cause });
  }
}
