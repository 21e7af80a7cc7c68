import { InvariantBroken } from '#kernel';
import {
  ReadModelsUnavailable,
  type Checkpoint,
  type Difference,
  type Differences,
  type FoldComparison,
  type Projection,
} from '#read-models/port';
import { SqliteBuild } from './builds.js';
import { Catalog, isCurrent, type Generation } from './catalog.js';
import { openForReading, openScratch } from './database-file.js';
import { ScratchFolder } from './scratch-folder.js';
import type { Session, SqlValue } from './session.js';
import { columnsOf, createIdIndex, quoted } from './table.js';

// The methods are async so that a fault is a rejection, as it is with every other adapter.

/**
 * A fold in a file of its own, with the read models opened for reading only: so it works beside
 * their writer, and nothing of it can be left behind in them.
 */
export class SqliteComparison extends SqliteBuild implements FoldComparison {
  private held: Generation | undefined;

  private constructor(
    scratch: Session,
    /** Reads the live tables, and the scratch file as `built`. */
    private readonly reader: Session,
    private readonly folder: ScratchFolder,
    projection: Projection,
  ) {
    super({ session: scratch, catalog: new Catalog(scratch) }, projection);
  }

  /** @throws ReadModelsUnavailable when there is nothing to compare with. */
  static start(directory: string, file: string, projection: Projection): SqliteComparison {
    const reader = openForReading(file);
    if (!reader) throw rebuilding(projection);
    const closing: (() => void)[] = [() => reader.close()];
    try {
      liveOf(reader, projection);
      const folder = ScratchFolder.make(directory);
      closing.unshift(() => folder.remove());
      const scratch = openScratch(folder.file);
      closing.unshift(() => scratch.close());
      reader.run('ATTACH DATABASE ? AS built', [folder.file]);
      return new SqliteComparison(scratch, reader, folder, projection);
    } catch (error) {
      for (const close of closing) close();
      throw error;
    }
  }

  async liveCheckpoint(): Promise<Checkpoint | undefined> {
    const { generation } = liveOf(this.reader, this.projection);
    return new Catalog(this.reader).checkpoint(generation);
  }

  async hold(): Promise<Checkpoint | undefined> {
    this.release();
    // The first read begins the snapshot, to which every later read of the live tables belongs.
    this.reader.exec('BEGIN DEFERRED');
    try {
      this.held = liveOf(this.reader, this.projection);
    } catch (error) {
      this.reader.exec('ROLLBACK');
      throw error;
    }
    return new Catalog(this.reader).checkpoint(this.held.generation);
  }

  async differences(limit: number): Promise<Differences> {
    const { held, reader } = this;
    if (!held) throw new InvariantBroken('differences are asked of what is held');
    const sides = {
      live: `main.${quoted(held.table)}`,
      built: `built.${quoted(`redress_build_${this.built}`)}`,
      columns: columnsOf(this.projection.fields),
    };
    const differing = differingIds(sides);
    const documents = reader.get(`SELECT count(*) FROM ${sides.built}`)?.[0];
    const count = Number(reader.get(`SELECT count(*) FROM (${differing})`)?.[0]);
    const ids =
      count === 0 ? [] : reader.all(`SELECT id FROM (${differing}) ORDER BY id LIMIT ?`, [limit]);
    const first = ids.map(([id]) => this.explain(String(id), sides));
    return { documents: Number(documents), differing: count, first };
  }

  override async discard(): Promise<void> {
    this.release();
    this.reader.close();
    this.store_.session.close();
    this.folder.remove();
  }

  protected override indexes(stored: Generation): readonly string[] {
    return [createIdIndex(stored)];
  }

  private release(): void {
    if (this.held) this.reader.exec('ROLLBACK');
    this.held = undefined;
  }

  private explain(id: string, { live, built, columns }: Sides): Difference {
    const names = columns.map(quoted).join(', ');
    const rowIn = (table: string) =>
      this.reader.get(`SELECT ${names} FROM ${table} WHERE id = ?`, [id]);
    const [wanted, actual] = [rowIn(built), rowIn(live)];
    const projection = this.projection.name;
    if (!wanted) return { projection, id, fields: [], kind: 'surplus' };
    if (!actual) return { projection, id, fields: [], kind: 'missing' };
    const differs = (value: SqlValue | undefined, i: number) => value !== actual[i];
    const fields = columns.filter((_, i) => differs(wanted[i], i));
    return { projection, id, fields, kind: 'changed' };
  }
}

type Sides = {
  readonly live: string;
  readonly built: string;
  readonly columns: readonly string[];
};

/** Both tables lie in order of firstPosition, so matching them is one walk along both. */
function differingIds({ live, built, columns }: Sides): string {
  const differs = columns.map((name) => `b.${quoted(name)} IS NOT l.${quoted(name)}`);
  const matched = 'ON l.firstPosition = b.firstPosition';
  return `
    SELECT b.id AS id FROM ${built} b JOIN ${live} l ${matched} WHERE ${differs.join(' OR ')}
    UNION SELECT l.id FROM ${built} b JOIN ${live} l ${matched} WHERE b.id <> l.id
    UNION SELECT b.id FROM ${built} b LEFT JOIN ${live} l ${matched} WHERE l.firstPosition IS NULL
    UNION SELECT l.id FROM ${live} l LEFT JOIN ${built} b ${matched} WHERE b.firstPosition IS NULL`;
}

/** @throws ReadModelsUnavailable when the live one has not the form that is compared with. */
function liveOf(reader: Session, projection: Projection): Generation {
  const live = new Catalog(reader).live(projection.name);
  if (live && isCurrent(live, projection)) return live;
  throw rebuilding(projection);
}

function rebuilding({ name }: Projection): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.rebuilding', `${name} is not built yet`);
}
