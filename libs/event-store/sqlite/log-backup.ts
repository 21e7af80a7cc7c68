import { renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, type DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Position } from '#kernel';
import { StoreUnavailable } from '#event-store/port';
import { syncDirectory } from './data-directory.js';
import { isDamage, LogDamaged, messageOf, translate } from './driver-errors.js';
import { numberOf, openForReading } from './log-format.js';

export type LogBackup = {
  readonly file: string;
  readonly sizeBytes: number;
  /** The last position in the copy; undefined when the log was empty. */
  readonly head: Position | undefined;
};

/** All pages in one step: the copy is one moment, and a busy writer cannot make it start over. */
const ALL_PAGES = -1;

/**
 * Copies the log as it is at one moment, beside its running writer, off the main thread. The file
 * appears under its name only when it is sound, whole and synced; one of that name is replaced.
 * @throws StoreUnavailable; LogDamaged when what was copied is not sound: no copy is left.
 */
export async function backupLog(logFile: string, file: string): Promise<LogBackup> {
  const partial = `${file}.partial`;
  // A connection of its own, so that no append of ours changes the source under the copy.
  const source = openForReading(logFile);
  try {
    rmSync(partial, { force: true });
    await backup(source, partial, { rate: ALL_PAGES });
    const head = soundHeadOf(partial);
    renameSync(partial, file);
    syncDirectory(dirname(file));
    return { file, sizeBytes: statSync(file).size, head };
  } catch (error) {
    rmSync(partial, { force: true });
    throw copyFault(error, file);
  } finally {
    source.close();
  }
}

/** The last position of a copy. @throws LogDamaged when the copy is not sound. */
function soundHeadOf(file: string): Position | undefined {
  let copy: DatabaseSyncInstance | undefined;
  try {
    copy = openForReading(file);
    const [problem] = problemsOf(copy, 'quick_check');
    if (problem !== undefined) throw damaged(problem);
    const head = numberOf(copy, 'SELECT coalesce(max(position), -1) FROM events');
    return head < 0 ? undefined : String(head);
  } finally {
    copy?.close();
    // A copy is one file: what looking at it left beside it holds nothing.
    for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  }
}

/** SQLite meets some damage itself, before it is looked for; opening wraps what it says. */
function copyFault(error: unknown, file: string): Error {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (isDamage(cause)) return damaged(messageOf(cause), { cause });
  return translate(error, `the event log cannot be copied to ${file}`);
}

function damaged(problem: string, options?: ErrorOptions): LogDamaged {
  const [line = ''] = problem.split('\n');
  return new LogDamaged(`the event log is damaged, and was not copied: ${line}`, options);
}

/** Problems named at most by {@link integrityProblems}. */
export const INTEGRITY_PROBLEMS_MAX = 100;

const RULES: readonly (readonly [rule: string, breaches: string])[] = [
  ['positions are dense from 0', 'SELECT count(*) <> coalesce(max(position), -1) + 1 FROM events'],
  [
    'revisions are dense from 0 in every stream',
    `SELECT count(*) FROM
       (SELECT 1 FROM events GROUP BY stream HAVING count(*) <> max(revision) + 1)`,
  ],
  [
    'every event belongs to a named stream',
    'SELECT count(*) FROM events WHERE stream NOT IN (SELECT number FROM streams)',
  ],
  ['every event id has 16 bytes', 'SELECT count(*) FROM events WHERE length(id) <> 16'],
  [
    'data and metadata are JSON',
    'SELECT count(*) FROM events WHERE NOT (json_valid(data) AND json_valid(metadata))',
  ],
];

/** What is wrong with a log, in words; empty when it is sound. Reads all of it. */
export function integrityProblems(database: DatabaseSyncInstance): readonly string[] {
  return problemsOf(database, 'integrity_check');
}

/** `quick_check` takes the indexes on trust, which halves the time; they can be made anew. */
function problemsOf(
  database: DatabaseSyncInstance,
  check: 'integrity_check' | 'quick_check',
): readonly string[] {
  const statement = database.prepare(`PRAGMA ${check}(${INTEGRITY_PROBLEMS_MAX})`);
  statement.setReturnArrays(true);
  const rows = statement.all() as unknown as readonly (readonly [string])[];
  const found = rows.map(([text]) => text).filter((text) => text !== 'ok');
  if (found.length > 0) return found;
  return RULES.flatMap(([rule, sql]) => {
    const breaches = numberOf(database, sql);
    return breaches === 0 ? [] : [`not so: ${rule} (${breaches})`];
  });
}

/** Bytes of a file, 0 when there is none. @throws StoreUnavailable */
export function sizeBytesOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  } catch (cause) {
    throw new StoreUnavailable(`${file} cannot be looked at`, { cause });
  }
}
