import type { Checkpoint, Fold, FoldBatch, FoldChange } from '#read-models/port';
import { integerOf, type Catalog, type Generation } from './catalog.js';
import { RowCodec, toColumn } from './row-codec.js';
import type { Session, SqlValue } from './session.js';
import { columnsOf, quoted } from './table.js';

/** Reads and writes the rows of one generation. The caller encloses it in a transaction. */
export class FoldTable {
  private readonly codec: RowCodec;
  private readonly table: string;
  private readonly names: readonly string[];
  /** Made once each: to write them anew took as long as to run them. */
  private readonly written: { insertion?: string; upsertion?: string; selection?: string } = {};

  constructor(
    private readonly session: Session,
    private readonly catalog: Catalog,
    private readonly stored: Generation,
  ) {
    this.codec = new RowCodec(stored.fields);
    this.table = quoted(stored.table);
    this.names = Object.keys(stored.fields);
  }

  load(ids: readonly string[]): ReadonlyMap<string, Fold> {
    const sql = this.selection();
    const folds = new Map<string, Fold>();
    for (const id of ids) {
      const row = this.session.get(sql, [id]);
      const fold = row ? this.codec.rowFrom(row) : this.vacancy(id);
      if (fold) folds.set(id, fold);
    }
    return folds;
  }

  store({ changes, checkpoint }: FoldBatch): void {
    for (const change of changes) {
      if (!change.after.document) this.vacate(change.after);
      else if (!this.update(change)) this.upsert(change);
    }
    this.catalog.advance(this.stored.generation, checkpoint);
  }

  /** Rows that are not there yet, in a table that nobody else writes to. */
  fill(folds: readonly Fold[]): void {
    const sql = this.insertion();
    for (const fold of folds) {
      if (fold.document) this.session.run(sql, this.codec.columnsOf(fold, fold.document));
      else this.vacate(fold);
    }
  }

  checkpoint(): Checkpoint | undefined {
    return this.catalog.checkpoint(this.stored.generation);
  }

  /**
   * Writes only the columns that changed: SQLite keeps every index whose columns are not named.
   * False when the row is not what the writer believed; it must then be written whole.
   */
  private update({ before, after }: FoldChange): boolean {
    if (!before?.document || !after.document) return false;
    const parameters: SqlValue[] = [after.revision, integerOf(after.position)];
    let assignments = 'revision = ?, position = ?';
    for (const name of this.names) {
      const value = after.document[name];
      if (value === before.document[name]) continue;
      const kind = this.stored.fields[name]?.kind ?? 'json';
      parameters.push(toColumn(name, kind, value));
      assignments += `, "${name}" = ?`;
    }
    const guard = 'firstPosition = ? AND position = ? AND id = ?';
    parameters.push(integerOf(after.firstPosition), integerOf(before.position), after.id);
    const sql = `UPDATE ${this.table} SET ${assignments} WHERE ${guard}`;
    return this.session.run(sql, parameters) > 0;
  }

  private upsert({ before, after }: FoldChange): void {
    if (!after.document) return;
    this.session.run(this.upsertion(), this.codec.columnsOf(after, after.document));
    if (before && !before.document) {
      const sql = 'DELETE FROM redress_vacancies WHERE generation = ? AND id = ?';
      this.session.run(sql, [this.stored.generation, after.id]);
    }
  }

  /** The stream has no document (any more); what is known of it is kept aside. */
  private vacate({ id, revision, position, firstPosition }: Fold): void {
    const place = integerOf(position);
    this.session.run(`DELETE FROM ${this.table} WHERE id = ? AND position < ?`, [id, place]);
    this.session.run(
      `INSERT INTO redress_vacancies (generation, id, revision, position, firstPosition)
       SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM ${this.table} WHERE id = ?)
       ON CONFLICT (generation, id) DO UPDATE SET revision = excluded.revision,
         position = excluded.position WHERE position < excluded.position`,
      [this.stored.generation, id, revision, place, integerOf(firstPosition), id],
    );
  }

  private vacancy(id: string): Fold | undefined {
    const sql = `SELECT revision, position, firstPosition FROM redress_vacancies
      WHERE generation = ? AND id = ?`;
    const row = this.session.get(sql, [this.stored.generation, id]);
    if (!row) return undefined;
    const [revision, position, firstPosition] = row;
    return {
      id,
      revision: Number(revision),
      position: String(position),
      firstPosition: String(firstPosition),
      document: undefined,
    };
  }

  private selection(): string {
    const columns = () => columnsOf(this.stored.fields).map(quoted).join(', ');
    return (this.written.selection ??= `SELECT ${columns()} FROM ${this.table} WHERE id = ?`);
  }

  private insertion(): string {
    return (this.written.insertion ??= this.insertionOf(columnsOf(this.stored.fields)));
  }

  private upsertion(): string {
    return (this.written.upsertion ??= this.upsertionOf(columnsOf(this.stored.fields)));
  }

  private insertionOf(names: readonly string[]): string {
    const marks = names.map(() => '?').join(', ');
    return `INSERT INTO ${this.table} (${names.map(quoted).join(', ')}) VALUES (${marks})`;
  }

  private upsertionOf(names: readonly string[]): string {
    const assignments = names.map((name) => `${quoted(name)} = excluded.${quoted(name)}`);
    return `${this.insertionOf(names)} ON CONFLICT (id) DO UPDATE SET ${assignments.join(', ')}
      WHERE position < excluded.position`;
  }
}
