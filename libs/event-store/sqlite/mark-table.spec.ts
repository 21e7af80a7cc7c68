import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { canonicalJson } from '#kernel';
import { backupLog } from './log-backup.js';
import {
  createSqliteSpace,
  freshStream,
  readAfter,
  sampleEvent,
  type SqliteSpace,
} from '#testing/event-store';

const VALUE = canonicalJson({ size: 1 });

let space: SqliteSpace;

beforeEach(() => {
  space = createSqliteSpace();
});

afterEach(() => space.remove());

/** A log as the program made it before there were marks: this text is never changed. */
function makeLogOfBefore(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA page_size = 4096;
    PRAGMA journal_mode = WAL;
    CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE events (
      position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
      id BLOB NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, metadata TEXT NOT NULL,
      UNIQUE (stream, revision)
    ) STRICT;
    INSERT INTO streams VALUES (1, 'sample-old');
    INSERT INTO events VALUES
      (0, 1, 0, unhex('6f9619ff8b86d011b42d00c04fc964ff'), 'SampleTaken', '{"note":"old"}', '{"v":1}');
    PRAGMA application_id = 0x52445253;
    PRAGMA user_version = 1;
  `);
  database.close();
}

function tablesIn(file: string): readonly unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const [version] = database.prepare('PRAGMA user_version').all() as { user_version: number }[];
  database.close();
  expect(version?.user_version).toBe(1);
  return (rows as { readonly name: string }[]).map(({ name }) => name).toSorted();
}

describe('a log of before there were marks', () => {
  it('is read and written as before, and left as it is while nobody marks anything', async () => {
    const file = join(space.directory, 'log.sqlite');
    makeLogOfBefore(file);
    const reader = await space.openReader();
    expect(await reader.readMark('ledger')).toBeUndefined();
    const store = await space.open();
    expect(await store.readMark('ledger')).toBeUndefined();
    await store.append(freshStream(), 'no-stream', [sampleEvent()]);
    expect(await readAfter(store, undefined)).toMatchObject([
      { stream: 'sample-old', data: '{"note":"old"}' },
      { position: '1' },
    ]);
    expect(await store.integrity()).toEqual([]);
    expect(tablesIn(file)).toEqual(['events', 'streams']);
  });

  it('takes marks without another version, so that the program of before opens it too', async () => {
    const file = join(space.directory, 'log.sqlite');
    makeLogOfBefore(file);
    const reader = await space.openReader();
    expect(await reader.readMark('ledger')).toBeUndefined();
    const store = await space.open();
    expect(await store.writeMark('ledger', VALUE, 'no-mark')).toBe(0);
    expect(await reader.readMark('ledger')).toEqual({ value: VALUE, revision: 0 });
    expect(await store.integrity()).toEqual([]);
    expect(tablesIn(file)).toEqual(['events', 'marks', 'streams']);
  });
});

describe('a first mark whose commit errs', () => {
  it.each(['before-effect', 'after-effect'] as const)('%s, is found or written', async (fault) => {
    const store = await space.open();
    await store.append(freshStream(), 'no-stream', [sampleEvent()]);
    space.failNextCommit(fault);
    await expect(store.writeMark('ledger', VALUE, 'no-mark')).rejects.toMatchObject({
      code: 'store.append-unknown',
    });
    await store.close();
    const again = await space.open();
    const found = fault === 'after-effect' ? { value: VALUE, revision: 0 } : undefined;
    expect(await again.readMark('ledger')).toEqual(found);
    expect(await again.writeMark('ledger', VALUE, 'no-mark')).toBe(0);
  });
});

describe('a backup', () => {
  it('holds the marks of its moment', async () => {
    const store = await space.open();
    await store.append(freshStream(), 'no-stream', [sampleEvent()]);
    await store.writeMark('ledger', VALUE, 'no-mark');
    const copy = join(space.directory, 'copy.sqlite');
    await backupLog(store.path, copy);
    await store.writeMark('ledger', canonicalJson({ size: 2 }), 0);
    const database = new DatabaseSync(copy, { readOnly: true });
    expect(database.prepare('SELECT * FROM marks').all()).toEqual([
      { name: 'ledger', revision: 0, value: VALUE },
    ]);
    database.close();
  });
});
