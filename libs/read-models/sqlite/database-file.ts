import { ReadModelsFormatUnknown, ReadModelsUnavailable } from '#read-models/port';
import { CATALOG_SCHEMA } from './catalog.js';
import { Session } from './session.js';

/** `Rdrm` in ASCII: marks the file as read models of this product. */
export const APPLICATION_ID = 0x5264726d;
/** Format of the file beside the tables that the projections declare. */
export const FORMAT_VERSION = 1;

const WRITER_CACHE_KIB = 64 * 1024;
const READER_CACHE_KIB = 16 * 1024;
/** Pages of 4 KiB after which the write-ahead log is copied into the file. */
const WAL_PAGES = 8_000;
const WAL_SIZE_MAX_BYTES = 128 * 1024 * 1024;
/** Threads that help to sort while an index is made. */
const SORT_THREADS = 1;

/**
 * Opens or makes the file for writing. A commit survives the process but, as the log is the truth,
 * need not survive a power cut: synchronous is NORMAL, which keeps rows and checkpoint in step.
 * @throws ReadModelsUnavailable, ReadModelsFormatUnknown
 */
export function openForWriting(file: string): Session {
  return opened(file, (session) => {
    session.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -${WRITER_CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${WAL_PAGES};
      PRAGMA journal_size_limit = ${WAL_SIZE_MAX_BYTES};
      PRAGMA threads = ${SORT_THREADS};
      PRAGMA temp_store = FILE;
    `);
    session.transaction(() => {
      if (isMade(session, file)) return;
      session.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      session.exec(`PRAGMA user_version = ${FORMAT_VERSION}`);
      session.exec(CATALOG_SCHEMA);
    });
  });
}

/**
 * Opens an existing file beside its writer; undefined when nothing was made of it yet.
 * @throws ReadModelsUnavailable, ReadModelsFormatUnknown
 */
export function openForReading(file: string): Session | undefined {
  let made = true;
  const session = opened(file, (fresh) => {
    fresh.exec(`
      PRAGMA query_only = ON;
      PRAGMA cache_size = -${READER_CACHE_KIB};
      PRAGMA temp_store = MEMORY;
    `);
    made = isMade(fresh, file);
  });
  if (made) return session;
  session.close();
  return undefined;
}

/** A file of one process for one fold, thrown away afterwards: nothing of it need be durable. */
export function openScratch(file: string): Session {
  return opened(file, (session) => {
    session.exec(`
      PRAGMA journal_mode = OFF;
      PRAGMA synchronous = OFF;
      PRAGMA cache_size = -${READER_CACHE_KIB};
      PRAGMA threads = ${SORT_THREADS};
    `);
    session.exec(CATALOG_SCHEMA);
  });
}

function opened(file: string, prepare: (session: Session) => void): Session {
  const session = Session.open(file);
  try {
    prepare(session);
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** False for an empty file. */
function isMade(session: Session, file: string): boolean {
  const applicationId = Number(session.get('PRAGMA application_id')?.[0]);
  const version = Number(session.get('PRAGMA user_version')?.[0]);
  const tables = Number(session.get('SELECT count(*) FROM sqlite_schema')?.[0]);
  if (applicationId === 0 && tables === 0) return false;
  if (applicationId !== APPLICATION_ID) {
    throw new ReadModelsUnavailable(
      'read-models.unavailable',
      `${file} holds something else than read models; move it away, they are made anew`,
    );
  }
  if (version > FORMAT_VERSION) {
    throw new ReadModelsFormatUnknown(
      `${file} has format ${version}, this program knows up to ${FORMAT_VERSION}; use the newer program`,
    );
  }
  return true;
}
