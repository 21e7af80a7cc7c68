import { StoreFormatUnknown, StoreUnavailable } from '#event-store/port';

/** Primary result codes of SQLite that say more than "it did not work"; sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The log does not hold what was written into it. A backup of it would look like a good one. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
  readonly code = 'store.damaged';
}

/**
 * The primary result code of an error that came out of SQLite. Not asked by `instanceof`: the
 * driver's errors are made outside the realm of a program that runs in a vm, as tests do.
 */
function resultCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('sqliteCode' in error)) return undefined;
  return typeof error.sqliteCode === 'number' ? error.sqliteCode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return resultCodeOf(error) === SQLITE_BUSY;
}

/** SQLite itself says that a file is not what it was. */
export function isDamage(error: unknown): boolean {
  const code = resultCodeOf(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return true;
  // The driver gives no code with what it meets while it steps through rows.
  return /^(?:database disk image is malformed|file is not a database)$/.test(messageOf(error));
}

export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}

/** What a failed open or read becomes; no driver error leaves the adapter but as a cause. */
export function translate(error: unknown, doing: string): Error {
  if (error instanceof StoreUnavailable || error instanceof StoreFormatUnknown) return error;
  if (error instanceof LogDamaged) return error;
  if (resultCodeOf(error) === SQLITE_NOTADB) {
    return new StoreFormatUnknown(`${doing}: the file is not a database`, { cause: error });
  }
  return new StoreUnavailable(`${doing}: ${messageOf(error)}`, { cause: error });
}

/** Runs a piece of work on the database and translates what it throws. */
export function translated<Result>(doing: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw translate(error, doing);
  }
}
