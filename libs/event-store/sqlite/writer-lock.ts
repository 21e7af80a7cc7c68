import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreLocked } from '#event-store/port';
import { isBusy, translate } from './driver-errors.js';

/**
 * Held through SQLite, whose lock the operating system drops with the process, however that ends.
 * Nothing else may open this file: on POSIX, closing any descriptor of it drops the process's lock.
 */
const LOCK_FILE = 'writer.lock';
/** Says who holds the lock, for people. Never asked whether it is held: it outlives a kill -9. */
const HOLDER_FILE = 'writer.json';

export type WriterLock = { readonly release: () => void };

type Holder = { readonly pid: number; readonly since: string };

/**
 * Takes the one writer's lock of a directory; waits for nobody.
 * @throws StoreLocked naming the holder; StoreUnavailable when the directory has no rights.
 */
export function takeWriterLock(directory: string): WriterLock {
  const file = join(directory, LOCK_FILE);
  let database: DatabaseSyncInstance | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
    nameHolder(directory, { pid: process.pid, since: new Date().toISOString() });
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new StoreLocked(describe(readHolder(directory)), { cause: error });
    throw translate(error, `${directory} cannot be locked for writing`);
  }
  return releaseOnce(directory, database);
}

function releaseOnce(directory: string, database: DatabaseSyncInstance): WriterLock {
  // The closure keeps the handle referenced: a collected one would close, and free the lock.
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      rmSync(join(directory, HOLDER_FILE), { force: true });
      database.close();
    },
  };
}

/** Written beside and renamed, so that nobody reads half of it. */
function nameHolder(directory: string, holder: Holder): void {
  const file = join(directory, HOLDER_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(holder)}\n`);
  renameSync(`${file}.new`, file);
}

function readHolder(directory: string): Holder | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(directory, HOLDER_FILE), 'utf8'));
    return isHolder(parsed) ? parsed : undefined;
  } catch {
    // The holder may be between taking the lock and naming itself; the lock alone decides.
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'pid' in value &&
    typeof value.pid === 'number' &&
    'since' in value &&
    typeof value.since === 'string'
  );
}

function describe(holder: Holder | undefined): string {
  if (!holder) return 'another process writes to this store';
  return `process ${holder.pid} writes to this store since ${holder.since}`;
}
