import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { SqliteEventStore } from '#event-store/sqlite';
import type { EmbeddedStores } from '#wiring';
import {
  BACKUP_LOG_FILE,
  BACKUP_MANIFEST_FILE,
  readManifest,
  type Restorable,
} from '../backup-manifest.js';
import { syncPath, writeDurably } from '../durable-file.js';
import { EXIT, UsageError } from '../exit-status.js';
import {
  commandOf,
  configurationOf,
  refuseServers,
  withEmbeddedStores,
  type CommonOptions,
} from '../options.js';
import { putCheckpoints } from '../ledger-copies.js';
import { note, print, printJson } from '../output.js';
import { catchUp } from '../read-models.js';
import { sha256OfFile } from './backup.js';

/**
 * Lies in the folder from before the log is there until it is checked and folded, and holds the
 * backup's SHA-256 and head: a restore that was killed is done again by the same command.
 */
const UNFINISHED_FILE = 'restore.json';
const READ_MODELS_FILE = 'read-models.sqlite';

export function restoreCommand(): Command {
  return commandOf(
    'restore',
    'Puts a backup into a store that is empty, and folds its read models.',
  )
    .argument('<dir>', 'folder that `redress backup` wrote')
    .action(restore);
}

const INSTEAD =
  'restore EventStoreDB with its own tools, or restore into a data directory and copy the log with `redress migrate`';

async function restore(folder: string, options: CommonOptions): Promise<void> {
  const source = resolve(folder);
  const configuration = configurationOf(options);
  refuseServers(configuration, INSTEAD);
  const { dataDir } = configuration;
  const startedAt = Date.now();
  const manifest = await checkedManifest(source);
  await clearEmptyStore(dataDir);
  putLog(join(source, BACKUP_LOG_FILE), dataDir, manifest);
  const problems = await withEmbeddedStores(
    options,
    { mode: 'write', instead: INSTEAD },
    async (stores) => {
      const found = await problemsOf(stores, manifest);
      if (found.length === 0) await catchUp(stores, 'folding read models');
      return found;
    },
  );
  const seconds = (Date.now() - startedAt) / 1_000;
  const { events } = manifest;
  if (problems.length === 0) {
    putCheckpoints(configuration.ledger, source);
    finish(dataDir);
  }
  if (problems.length > 0) process.exitCode = EXIT.found;
  for (const problem of problems) note(`redress: ${problem} [restore.not-sound]`);
  if (options.json) printJson({ dataDir, events, problems, seconds });
  else if (problems.length === 0) {
    print(`${events.toLocaleString('en-US')} events restored to ${dataDir}`);
  }
}

async function checkedManifest(source: string): Promise<Restorable> {
  const manifest = readManifest(join(source, BACKUP_MANIFEST_FILE), source);
  const log = join(source, BACKUP_LOG_FILE);
  if (!existsSync(log) || (await sha256OfFile(log)) !== manifest.sha256) {
    throw new UsageError('backup.damaged', `${log} is not the file that was backed up`);
  }
  return manifest;
}

/** What is wrong with the log that was put there, compared with what the backup says of it. */
async function problemsOf(
  { eventStore }: EmbeddedStores,
  { events, head }: Restorable,
): Promise<readonly string[]> {
  const problems = await eventStore.integrity();
  const found = await eventStore.head();
  const count = found === undefined ? 0 : await eventStore.countUpTo(found);
  if (found === head && count === events) return problems;
  const [there, wanted] = [found ?? 'none', head ?? 'none'];
  return [
    `${count} events up to position ${there}, where the backup has ${events} up to ${wanted}`,
    ...problems,
  ];
}

/**
 * A store without a single event may make room for the backup, and so may what an earlier restore
 * left half done; any other is left as it is.
 */
async function clearEmptyStore(dataDir: string): Promise<void> {
  const log = join(dataDir, BACKUP_LOG_FILE);
  const unfinished = unfinishedHead(dataDir);
  if (existsSync(log)) {
    const eventStore = await SqliteEventStore.open({ directory: dataDir, mode: 'write' });
    const head = await eventStore.head();
    await eventStore.close();
    // A server may have run on a half-done restore: what it wrote since is not ours to delete.
    if (head !== undefined && head !== unfinished) {
      throw new UsageError('restore.store-not-empty', `there are events in ${dataDir} already`);
    }
  } else if (unfinished === undefined) refuseLeftovers(log);
  // The log itself goes last: what is left by then belongs to no log that anybody could open.
  for (const name of [READ_MODELS_FILE, BACKUP_LOG_FILE]) {
    for (const suffix of ['-wal', '-shm', ''])
      rmSync(join(dataDir, name + suffix), { force: true });
  }
}

/** SQLite would play a write-ahead log that stayed behind into the restored file. */
function refuseLeftovers(log: string): void {
  for (const leftover of [`${log}-wal`, `${log}-shm`]) {
    if (!existsSync(leftover)) continue;
    throw new UsageError(
      'restore.store-not-empty',
      `${leftover} is left of another log, and may hold its last events: move it to that log`,
    );
  }
}

/** The head of the backup that an unfinished restore was bringing; undefined when there is none. */
function unfinishedHead(dataDir: string): string | undefined {
  const file = join(dataDir, UNFINISHED_FILE);
  if (!existsSync(file)) return undefined;
  return /"head":"(\d+)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

/** The log appears under its name only when it is whole, and never in place of another one. */
function putLog(source: string, dataDir: string, { head, sha256 }: Restorable): void {
  const made = mkdirSync(dataDir, { recursive: true });
  if (made !== undefined) syncPath(dirname(made));
  writeDurably(join(dataDir, UNFINISHED_FILE), `${JSON.stringify({ sha256, head })}\n`);
  const log = join(dataDir, BACKUP_LOG_FILE);
  const partial = `${log}.restoring`;
  rmSync(partial, { force: true });
  try {
    copyFileSync(source, partial);
    syncPath(partial);
    linkSync(partial, log);
    syncPath(dataDir);
  } finally {
    rmSync(partial, { force: true });
  }
}

function finish(dataDir: string): void {
  rmSync(join(dataDir, UNFINISHED_FILE));
  syncPath(dataDir);
}
