import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { InvariantBroken } from '#kernel';
import { AppendUnknown, StoreFormatUnknown, StoreUnavailable } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import {
  createSqliteSpace,
  eventStoreContract,
  followUntil,
  freshStream,
  idsOf,
  readAfter,
  sampleEvent,
  sampleEvents,
  startAfter,
  turns,
  type SqliteSpace,
} from '#testing/event-store';

eventStoreContract('sqlite', {
  create: async () => createSqliteSpace(),
  commitFaults: { offered: true },
});

let space: SqliteSpace;

beforeEach(() => {
  space = createSqliteSpace();
});

afterEach(() => space.remove());

/** Something done to the file behind the store's back. */
function behindTheBack(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe('the stored format', () => {
  it('is version 1, and never changes', async () => {
    const store = await space.open();
    const database = new DatabaseSync(store.path, { readOnly: true });
    const ask = (sql: string) => database.prepare(sql).all() as Record<string, unknown>[];
    expect(ask('PRAGMA application_id')).toMatchObject([{ application_id: 0x52445253 }]);
    expect(ask('PRAGMA user_version')).toMatchObject([{ user_version: 1 }]);
    expect(ask('PRAGMA journal_mode')).toMatchObject([{ journal_mode: 'wal' }]);
    const columns = ask(
      `SELECT m.name AS "table", c.name, c.type, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
       WHERE m.type = 'table' ORDER BY m.name, c.cid`,
    ).map(({ table, name, type, pk }) => `${table}.${name} ${type}${pk === 1 ? ' key' : ''}`);
    expect(columns).toEqual([
      'events.position INTEGER key',
      'events.stream INTEGER',
      'events.revision INTEGER',
      'events.id BLOB',
      'events.type TEXT',
      'events.data TEXT',
      'events.metadata TEXT',
      'streams.number INTEGER key',
      'streams.name TEXT',
    ]);
    database.close();
  });

  it('keeps ids as 16 bytes, and data and metadata as their text', async () => {
    const store = await space.open();
    const stream = freshStream();
    const event = sampleEvent({ größe: '語😀' });
    await store.append(stream, 'no-stream', [event]);
    const database = new DatabaseSync(store.path, { readOnly: true });
    const row = database.prepare('SELECT * FROM events JOIN streams ON number = stream').get();
    expect(row).toMatchObject({
      position: 0,
      revision: 0,
      name: stream,
      id: new Uint8Array(Buffer.from(event.id.replaceAll('-', ''), 'hex')),
      type: event.type,
      data: event.data,
      metadata: event.metadata,
    });
    database.close();
  });

  it('counts positions from 0 without gaps, over conflicts and failures', async () => {
    const store = await space.open();
    expect(await store.head()).toBeUndefined();
    expect(await store.countUpTo('0')).toBe(0);
    const stream = freshStream();
    await store.append(stream, 'no-stream', sampleEvents(2));
    await Promise.allSettled([
      store.append(stream, 'no-stream', sampleEvents(3)),
      store.append(stream, 1, sampleEvents(1)),
      store.append(stream, 1, sampleEvents(4)),
      store.append(stream, 2, sampleEvents(1)),
    ]);
    const stored = await readAfter(store, undefined);
    expect(stored.map(({ position }) => position)).toEqual(['0', '1', '2', '3']);
    expect(await store.countUpTo('2')).toBe(3);
    expect(await store.integrity()).toEqual([]);
  });

  it('takes nothing for a position that it did not hand out', async () => {
    const store = await space.open();
    for (const position of ['', '-1', '01', '1.5', 'end']) {
      await expect(store.countUpTo(position)).rejects.toBeInstanceOf(InvariantBroken);
      await expect(readAfter(store, position)).rejects.toBeInstanceOf(InvariantBroken);
    }
  });
});

describe('opening what is no log of ours', () => {
  const modes = ['write', 'read'] as const;
  const logFile = () => join(space.directory, 'log.sqlite');

  it.each(modes)('refuses a newer format, mode %s, and leaves it as it was', async (mode) => {
    await (await space.open()).close();
    behindTheBack(logFile(), 'PRAGMA user_version = 2');
    const before = readFileSync(logFile());
    const opening = SqliteEventStore.open({ directory: space.directory, mode });
    await expect(opening).rejects.toBeInstanceOf(StoreFormatUnknown);
    await expect(opening).rejects.toThrow('format 2; this program knows format 1');
    expect(readFileSync(logFile()).equals(before)).toBe(true);
  });

  it.each(modes)("refuses another program's database, mode %s", async (mode) => {
    behindTheBack(logFile(), 'CREATE TABLE notes (text)');
    const before = readFileSync(logFile());
    const opening = SqliteEventStore.open({ directory: space.directory, mode });
    await expect(opening).rejects.toBeInstanceOf(StoreFormatUnknown);
    await expect(opening).rejects.toThrow('not an event log of Redress');
    expect(readFileSync(logFile()).equals(before)).toBe(true);
  });

  it.each(modes)('refuses a file that is no database, mode %s', async (mode) => {
    writeFileSync(logFile(), 'Dear Sir or Madam, '.repeat(100));
    const opening = SqliteEventStore.open({ directory: space.directory, mode });
    await expect(opening).rejects.toBeInstanceOf(StoreFormatUnknown);
    await expect(opening).rejects.toThrow('not a database');
    // The lock is free again: the failure of one start is not the failure of the next.
    writeFileSync(logFile(), '');
    await space.open();
  });

  it('reads no log where there is none, and makes none', async () => {
    const directory = join(space.directory, 'missing');
    const opening = SqliteEventStore.open({ directory, mode: 'read' });
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(opening).rejects.toThrow('there is no event log at');
    await expect(space.openReader()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(readdirSync(space.directory)).toEqual([]);
  });

  it('makes the directory that it is to write in', async () => {
    const directory = join(space.directory, 'data', 'redress');
    const store = await SqliteEventStore.open({ directory, mode: 'write' });
    await store.append(freshStream(), 'no-stream', sampleEvents(1));
    await store.close();
    expect(statSync(join(directory, 'log.sqlite')).size).toBeGreaterThan(0);
  });

  it('says so when a file stands where the directory should be', async () => {
    const directory = join(space.directory, 'file');
    writeFileSync(directory, '');
    const opening = SqliteEventStore.open({ directory, mode: 'write' });
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailable);
    const locked = join(space.directory, 'locked');
    mkdirSync(join(locked, 'writer.lock'), { recursive: true });
    const locking = SqliteEventStore.open({ directory: locked, mode: 'write' });
    await expect(locking).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(locking).rejects.toThrow('cannot be locked for writing');
  });
});

describe('group commit', () => {
  it('puts appends of one turn into one transaction', async () => {
    let commits = 0;
    const store = await SqliteEventStore.open({
      directory: space.directory,
      mode: 'write',
      commit: (run) => {
        commits += 1;
        run();
      },
    });
    const append = () => store.append(freshStream(), 'no-stream', sampleEvents(2));
    await Promise.all(Array.from({ length: 200 }, append));
    expect(commits).toBe(1);
    await Promise.all(Array.from({ length: 1_500 }, append));
    expect(commits).toBe(3);
    await store.close();
  });

  it('refuses what comes when the queue is full, and writes the rest', async () => {
    const store = await space.open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10_005 }, () =>
        store.append(freshStream(), 'no-stream', [sampleEvent()]),
      ),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({ reason: expect.any(StoreUnavailable) });
    expect(await store.head()).toBe('9999');
  });

  it('answers nothing was written when an error comes before the commit, and goes on', async () => {
    const store = await space.open();
    await store.append('known', 'no-stream', sampleEvents(2));
    behindTheBack(
      store.path,
      `CREATE TRIGGER boom BEFORE INSERT ON events WHEN NEW.type = 'Boom'
       BEGIN SELECT raise(ABORT, 'boom'); END`,
    );
    const outcomes = await Promise.allSettled([
      store.append('known', 1, sampleEvents(1)),
      store.append('new', 'no-stream', [sampleEvent(), { ...sampleEvent(), type: 'Boom' }]),
      store.append('other', 'no-stream', sampleEvents(1)),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    expect(await store.head()).toBe('1');
    const events = sampleEvents(1);
    expect(await store.append('known', 1, events)).toEqual({
      revision: 2,
      position: '2',
      repeated: false,
    });
    expect(await store.append('new', 'no-stream', events)).toMatchObject({ position: '3' });
    expect(await store.integrity()).toEqual([]);
  });

  it('takes no more after a commit that erred, but still reads', async () => {
    const store = await space.open();
    const { position } = await store.append('known', 'no-stream', sampleEvents(1));
    space.failNextCommit('before-effect');
    const outcomes = await Promise.allSettled([
      store.append('a', 'no-stream', sampleEvents(1)),
      store.append('known', 'no-stream', sampleEvents(1)),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(AppendUnknown) });
    }
    const later = store.append('b', 'no-stream', sampleEvents(1));
    await expect(later).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(later).rejects.toThrow('until it is opened again');
    expect(await store.head()).toBe(position);
  });

  it('commits what waits when it is closed', async () => {
    const store = await space.open();
    const appending = store.append('late', 'no-stream', sampleEvents(3));
    await store.close();
    expect(await appending).toMatchObject({ revision: 2 });
    expect(await (await space.openReader()).readStream('late')).toHaveLength(3);
  });
});

describe('a store open for reading', () => {
  it('refuses appends', async () => {
    await space.open();
    const reader = await space.openReader();
    const appending = reader.append(freshStream(), 'any', sampleEvents(1));
    await expect(appending).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(appending).rejects.toThrow('open for reading only');
  });

  it('reads on after the writer has gone and come back', async () => {
    const writer = await space.open();
    await writer.append('one', 'no-stream', sampleEvents(2));
    const reader = await space.openReader();
    const following = followUntil(reader, { after: undefined, count: 4 });
    await turns(2);
    await writer.close();
    expect(await reader.readStream('one')).toHaveLength(2);
    const next = await space.open();
    await next.append('one', 1, sampleEvents(2));
    expect((await following).events).toHaveLength(4);
  });

  it('leaves no timer behind a follow that was ended', async () => {
    const writer = await space.open();
    const reader = await space.openReader();
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const ending = new AbortController();
    const followers = Array.from({ length: 20 }, async () => {
      const pages = reader.follow({ signal: ending.signal })[Symbol.asyncIterator]();
      await pages.next();
      return { last: pages.next() };
    });
    const waiting = await Promise.all(followers);
    await turns(3);
    expect(timers()).toBeGreaterThan(before);
    ending.abort();
    for (const { last } of waiting) expect(await last).toEqual({ done: true, value: undefined });
    expect(timers()).toBe(before);
    await writer.close();
  });
});

describe('backup, sizes and integrity', () => {
  it('copies one moment of the log while appends go on', async () => {
    const store = await space.open();
    for (let round = 0; round < 20; round += 1) {
      await store.append(`before-${round}`, 'no-stream', sampleEvents(500));
    }
    const held = idsOf(await readAfter(store, undefined));
    const copyDirectory = join(space.directory, 'copy');
    mkdirSync(copyDirectory);
    let copying = true;
    const backup = store.backupTo(join(copyDirectory, 'log.sqlite')).finally(() => {
      copying = false;
    });
    let during = 0;
    while (copying) {
      await store.append(`during-${during}`, 'no-stream', sampleEvents(3));
      during += 1;
    }
    const { file, head, sizeBytes } = await backup;
    expect(during).toBeGreaterThan(0);
    expect(readdirSync(copyDirectory)).toEqual(['log.sqlite']);
    expect(sizeBytes).toBe(statSync(file).size);
    const copy = await SqliteEventStore.open({ directory: copyDirectory, mode: 'write' });
    expect(await copy.integrity()).toEqual([]);
    expect(await copy.head()).toBe(head);
    const copied = idsOf(await readAfter(copy, undefined));
    const all = idsOf(await readAfter(store, undefined));
    expect(copied.slice(0, held.length)).toEqual(held);
    expect(copied).toEqual(all.slice(0, copied.length));
    expect((copied.length - held.length) % 3).toBe(0);
    await copy.close();
  });

  it('replaces an earlier copy, and leaves none when it fails', async () => {
    const store = await space.open();
    const file = join(space.directory, 'copy.sqlite');
    expect(await store.backupTo(file)).toMatchObject({ head: undefined });
    await store.append('one', 'no-stream', sampleEvents(2));
    expect(await store.backupTo(file)).toMatchObject({ head: '1' });
    const nowhere = store.backupTo(join(space.directory, 'missing', 'copy.sqlite'));
    await expect(nowhere).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it('says how large it is', async () => {
    const store = await space.open();
    const before = store.sizes();
    await store.append('one', 'no-stream', sampleEvents(1_000));
    const after = store.sizes();
    expect(after.logBytes + after.writeAheadBytes).toBeGreaterThan(
      before.logBytes + before.writeAheadBytes,
    );
  });

  it.each([
    ['DELETE FROM events WHERE position = 2', 'positions are dense'],
    ['UPDATE events SET revision = 7 WHERE position = 2', 'revisions are dense'],
    ['UPDATE events SET stream = 99 WHERE position = 4', 'named stream'],
    ["UPDATE events SET id = x'00' WHERE position = 1", '16 bytes'],
    ["UPDATE events SET data = '{' WHERE position = 1", 'are JSON'],
  ])('finds what %s has broken', async (sql, problem) => {
    const store = await space.open();
    await store.append('one', 'no-stream', sampleEvents(4));
    await store.append('two', 'no-stream', sampleEvents(1));
    expect(await store.integrity()).toEqual([]);
    behindTheBack(store.path, sql);
    expect((await store.integrity()).join()).toContain(problem);
  });

  it('follows from the position that a copy ended at', async () => {
    const store = await space.open();
    await store.append('one', 'no-stream', sampleEvents(5));
    const { head } = await store.backupTo(join(space.directory, 'copy.sqlite'));
    await store.append('one', 4, sampleEvents(2));
    const events: string[] = [];
    for await (const page of store.readAll(startAfter(head))) events.push(...idsOf(page));
    expect(events).toHaveLength(2);
  });
});
