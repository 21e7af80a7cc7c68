import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { SqliteEventStore } from '#event-store/sqlite';
import { EXIT, UsageError } from '../exit-status.js';
import { commandOf, configurationOf, withStores, type CommonOptions } from '../options.js';
import { note, print, printJson } from '../output.js';
import { catchUp } from '../read-models.js';
import {
  BACKUP_FORMAT,
  BACKUP_LOG_FILE,
  BACKUP_MANIFEST_FILE,
  sha256OfFile,
  type BackupManifest,
} from './backup.js';

export function restoreCommand(): Command {
  return commandOf(
    'restore',
    'Puts a backup into a store that is empty, and folds its read models.',
  )
    .argument('<dir>', 'folder that `redress backup` wrote')
    .action(restore);
}

async function restore(folder: string, options: CommonOptions): Promise<void> {
  const source = resolve(folder);
  const { dataDir } = configurationOf(options);
  const startedAt = Date.now();
  const manifest = await checkedManifest(source);
  await clearEmptyStore(dataDir);
  putLog(join(source, BACKUP_LOG_FILE), dataDir);
  const problems = await withStores(options, 'write', async (stores) => {
    await catchUp(stores, 'folding read models');
    return stores.eventStore.integrity();
  });
  if (problems.length > 0) process.exitCode = EXIT.found;
  for (const problem of problems) note(`log: ${problem}`);
  const seconds = (Date.now() - startedAt) / 1_000;
  const { events } = manifest;
  if (options.json) printJson({ dataDir, events, problems, seconds });
  else print(`${events.toLocaleString('en-US')} events restored to ${dataDir}`);
}

async function checkedManifest(source: string): Promise<BackupManifest> {
  const file = join(source, BACKUP_MANIFEST_FILE);
  if (!existsSync(file)) {
    throw new UsageError(
      'backup.not-found',
      `${source} holds no whole backup (no ${BACKUP_MANIFEST_FILE})`,
    );
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Partial<BackupManifest>;
  if (manifest.format !== BACKUP_FORMAT) {
    throw new UsageError('backup.format-unknown', `${file}: format ${String(manifest.format)}`);
  }
  const log = join(source, BACKUP_LOG_FILE);
  if (!existsSync(log) || (await sha256OfFile(log)) !== manifest.sha256) {
    throw new UsageError('backup.damaged', `${log} is not the file that was backed up`);
  }
  return manifest as BackupManifest;
}

/** A store without a single event may make room for the backup; any other is left as it is. */
async function clearEmptyStore(dataDir: string): Promise<void> {
  const log = join(dataDir, BACKUP_LOG_FILE);
  if (!existsSync(log)) return;
  const eventStore = await SqliteEventStore.open({ directory: dataDir, mode: 'write' });
  const head = await eventStore.head();
  await eventStore.close();
  if (head !== undefined) {
    throw new UsageError('restore.store-not-empty', `there are events in ${dataDir} already`);
  }
  for (const name of [BACKUP_LOG_FILE, 'read-models.sqlite']) {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(dataDir, name + suffix), { force: true });
  }
}

/** The log appears under its name only when it is whole, and never in place of another one. */
function putLog(source: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  const log = join(dataDir, BACKUP_LOG_FILE);
  const partial = `${log}.restoring`;
  copyFileSync(source, partial);
  try {
    linkSync(partial, log);
  } finally {
    rmSync(partial, { force: true });
  }
}
