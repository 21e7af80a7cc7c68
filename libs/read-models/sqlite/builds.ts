import { InvariantBroken } from '#kernel';
import {
  isBehind,
  type Checkpoint,
  type Fold,
  type FoldBatch,
  type FoldBuild,
  type FoldWriter,
  type Projection,
  type Rebuild,
} from '#read-models/port';
import { tableOf, type Catalog, type Generation } from './catalog.js';
import { FoldTable } from './fold-table.js';
import type { Session } from './session.js';
import { createIdIndex, createQueryIndexes, createTable, quoted } from './table.js';

/** A file's connection with what the file says of itself. */
export type Store = { readonly session: Session; readonly catalog: Catalog };

// The methods are async so that a fault is a rejection, as it is with every other adapter.

export class SqliteWriter implements FoldWriter {
  private known: { readonly stored: Generation; readonly table: FoldTable } | undefined;

  constructor(
    protected readonly store_: Store,
    /** Which table is written; asked in each transaction, as a rebuild may have taken its place. */
    private readonly target: () => Generation,
  ) {}

  async checkpoint(): Promise<Checkpoint | undefined> {
    return this.store_.session.snapshot(() => this.table().checkpoint());
  }

  async load(ids: readonly string[]): Promise<ReadonlyMap<string, Fold>> {
    return this.store_.session.snapshot(() => this.table().load(ids));
  }

  async store(batch: FoldBatch): Promise<void> {
    this.store_.session.transaction(() => this.table().store(batch));
  }

  protected table(): FoldTable {
    const stored = this.target();
    const { generation, table } = stored;
    if (this.known?.stored.generation !== generation || this.known.stored.table !== table) {
      const { session, catalog } = this.store_;
      this.known = { stored, table: new FoldTable(session, catalog, stored) };
    }
    return this.known.table;
  }
}

/** A table that is built beside the live one. */
export abstract class SqliteBuild extends SqliteWriter implements FoldBuild {
  protected readonly built: number;

  constructor(
    store: Store,
    protected readonly projection: Projection,
  ) {
    const { generation } = store.session.transaction(() => {
      const entered = store.catalog.enter(projection, 'build');
      store.session.exec(createTable(entered));
      return entered;
    });
    super(store, () => buildOf(store, generation));
    this.built = generation;
  }

  async fill(folds: readonly Fold[]): Promise<void> {
    this.store_.session.transaction(() => this.table().fill(folds));
  }

  async complete(checkpoint: Checkpoint | undefined): Promise<void> {
    for (const sql of this.indexes(buildOf(this.store_, this.built))) {
      // Each in a transaction of its own: meanwhile the live one waits to be written.
      this.store_.session.transaction(() => this.store_.session.exec(sql));
    }
    if (!checkpoint) return;
    this.store_.session.transaction(() => this.store_.catalog.advance(this.built, checkpoint));
  }

  async discard(): Promise<void> {
    dropGeneration(this.store_, this.built);
  }

  protected abstract indexes(stored: Generation): readonly string[];
}

export class SqliteRebuild extends SqliteBuild implements Rebuild {
  async switchOver(): Promise<boolean> {
    const { session, catalog } = this.store_;
    const replaced = session.transaction(() => {
      const built = buildOf(this.store_, this.built);
      const live = catalog.live(built.name);
      const reached = live && catalog.checkpoint(live.generation);
      if (isBehind(catalog.checkpoint(this.built), reached)) return false;
      if (live) setAside(this.store_, live);
      moveTable(this.store_, built, 'live', tableOf(this.projection));
      catalog.describe(this.projection);
      return live ?? true;
    });
    // Apart from the switch, as dropping a large table takes longer than renaming it.
    if (typeof replaced === 'object') dropGeneration(this.store_, replaced.generation);
    return replaced !== false;
  }

  protected override indexes(stored: Generation): readonly string[] {
    return [createIdIndex(stored), ...createQueryIndexes(stored)];
  }
}

/** Takes a table out of service, for {@link dropGeneration} to drop. */
export function setAside(store: Store, stored: Generation): void {
  moveTable(store, stored, 'discarded', `redress_discarded_${stored.generation}`);
}

function moveTable(
  { session, catalog }: Store,
  stored: Generation,
  state: 'live' | 'discarded',
  table: string,
): void {
  session.exec(`ALTER TABLE ${quoted(stored.table)} RENAME TO ${quoted(table)}`);
  catalog.move(stored.generation, state, table);
}

/** Drops a table that serves no query; leaves a live one alone. Idempotent. */
export function dropGeneration({ session, catalog }: Store, generation: number): void {
  session.transaction(() => {
    const stored = catalog.find(generation);
    if (!stored || !/^redress_(build|discarded)_\d+$/.test(stored.table)) return;
    session.exec(`DROP TABLE IF EXISTS ${quoted(stored.table)}`);
    catalog.forget(generation);
  });
}

/** @throws InvariantBroken when the build was discarded or has taken its place already. */
function buildOf({ catalog }: Store, generation: number): Generation {
  const stored = catalog.find(generation);
  if (stored?.table === `redress_build_${generation}`) return stored;
  throw new InvariantBroken(`generation ${generation}: this build has ended`);
}
