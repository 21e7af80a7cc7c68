import { existsSync } from 'node:fs';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { StoreFormatUnknown, StoreUnavailable } from '#event-store/port';
import { translate } from './driver-errors.js';

/** "RDRS": marks the file as a log of this product, for `file` and for ourselves. */
export const APPLICATION_ID = 0x52445253;
/** The stored format of `log.sqlite`, kept in `user_version`. A reader for each one stays for ever. */
export const FORMAT_VERSION = 1;

/** The writer looks up streams and revisions all over the log; a reader mostly walks along it. */
const CACHE_KIB = { write: 32_000, read: 16_000 } as const;
const BUSY_TIMEOUT_MS = 5_000;
const WAL_CHECKPOINT_PAGES = 2_000;
const WAL_SIZE_MAX_BYTES = 64 * 1024 * 1024;

/**
 * The format, version 1. A position is dense from 0, so that it can be the leaf's index in the
 * ledger. Streams have numbers because random names in the hot index cost two to three times; for
 * the same reason there is no index over event ids. `id` holds the 16 bytes of the UUID; `data` and
 * `metadata` the canonical JSON, byte for byte.
 */
const SCHEMA = `
  CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT_VERSION};
`;

/** Every setting is stated; a library's default is nobody's decision. */
const PRAGMAS = `
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES};
  PRAGMA journal_size_limit = ${WAL_SIZE_MAX_BYTES};
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
  -- Mapped reads were no quicker here, and an I/O error under a map kills the process (SIGBUS).
  PRAGMA mmap_size = 0;
`;

/**
 * Opens the log for writing, and creates it where there is none.
 * @throws StoreFormatUnknown, StoreUnavailable
 */
export function openForWriting(file: string): DatabaseSyncInstance {
  return open(file, 'write', (database) => {
    const isNew = checkFormat(database, file);
    // These three are settled by the first page ever written.
    if (isNew)
      database.exec("PRAGMA page_size = 4096; PRAGMA auto_vacuum = 0; PRAGMA encoding = 'UTF-8';");
    useWriteAheadLog(database);
    database.exec(PRAGMAS);
    if (isNew) database.exec(`BEGIN EXCLUSIVE; ${SCHEMA} COMMIT;`);
  });
}

/**
 * Opens the log beside its writer; nothing can be written through this connection.
 * @throws StoreFormatUnknown, StoreUnavailable when there is no log yet, too.
 */
export function openForReading(file: string): DatabaseSyncInstance {
  if (!existsSync(file)) throw new StoreUnavailable(`there is no event log at ${file}`);
  return open(file, 'read', (database) => {
    database.exec(PRAGMAS);
    if (checkFormat(database, file))
      throw new StoreUnavailable(`the event log at ${file} is empty`);
  });
}

function open(
  file: string,
  mode: 'read' | 'write',
  prepare: (database: DatabaseSyncInstance) => void,
): DatabaseSyncInstance {
  let database: DatabaseSyncInstance | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: mode === 'read', timeout: BUSY_TIMEOUT_MS });
    database.exec(`PRAGMA cache_size = -${CACHE_KIB[mode]}`);
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw translate(error, `the event log at ${file} cannot be opened`);
  }
}

/** True when the file holds nothing yet. Looks only, so that a foreign file stays as it was. */
function checkFormat(database: DatabaseSyncInstance, file: string): boolean {
  const applicationId = numberOf(database, 'PRAGMA application_id');
  const version = numberOf(database, 'PRAGMA user_version');
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema');
  if (applicationId === 0 && version === 0 && tables === 0) return true;
  if (applicationId !== APPLICATION_ID) {
    throw new StoreFormatUnknown(`${file} is a database, but not an event log of Redress`);
  }
  if (version !== FORMAT_VERSION) {
    throw new StoreFormatUnknown(
      `${file} has format ${version}; this program knows format ${FORMAT_VERSION}`,
    );
  }
  return false;
}

function useWriteAheadLog(database: DatabaseSyncInstance): void {
  const row = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string };
  if (row.journal_mode !== 'wal') {
    throw new StoreUnavailable(`the file system allows no write-ahead log (${row.journal_mode})`);
  }
}

/** The one number that a query answers. */
export function numberOf(database: DatabaseSyncInstance, sql: string): number {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  const [value] = statement.get() as readonly [number];
  return value;
}
