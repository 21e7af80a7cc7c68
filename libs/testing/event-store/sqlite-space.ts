import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import type { CommitFault, EventStoreSpace } from './harness.js';

export type SqliteSpace = Omit<EventStoreSpace, 'open' | 'openReader'> & {
  readonly directory: string;
  readonly open: () => Promise<SqliteEventStore>;
  readonly openReader: () => Promise<SqliteEventStore>;
};

/** An event log in a directory of its own under the system's temporary one. */
export function createSqliteSpace(): SqliteSpace {
  const directory = mkdtempSync(join(tmpdir(), 'redress-log-'));
  const opened: SqliteEventStore[] = [];
  let armed: CommitFault | undefined;
  const commit = (run: () => void) => {
    const fault = armed;
    armed = undefined;
    if (fault !== 'before-effect') run();
    if (fault) throw new Error(`the commit errs, ${fault}`);
  };
  const keep = (store: SqliteEventStore) => {
    opened.push(store);
    return store;
  };
  return {
    directory,
    open: async () => keep(await SqliteEventStore.open({ directory, mode: 'write', commit })),
    openReader: async () => keep(await SqliteEventStore.open({ directory, mode: 'read' })),
    failNextCommit: (fault) => {
      armed = fault;
    },
    remove: async () => {
      await Promise.all(opened.map((store) => store.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
