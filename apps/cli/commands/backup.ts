import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  BACKUP_FORMAT,
  BACKUP_LOG_FILE,
  BACKUP_MANIFEST_FILE,
  type BackupManifest,
} from '../backup-manifest.js';
import { syncPath, writeDurably } from '../durable-file.js';
import { UsageError } from '../exit-status.js';
import { copyCheckpoints } from '../ledger-copies.js';
import { commandOf, withEmbeddedStores, type CommonOptions } from '../options.js';
import { print, printJson, sizeText } from '../output.js';

export function backupCommand(): Command {
  return commandOf('backup', 'A consistent copy of the log, also beside a running server.')
    .argument('<dir>', 'folder for the copy; made when absent, refused when not empty')
    .action(backup);
}

/** A server's files are copied by its own tools; a log can be copied event by event. */
const INSTEAD = 'back up EventStoreDB with its own tools, or copy the log with `redress migrate`';

async function backup(folder: string, options: CommonOptions): Promise<void> {
  const directory = resolve(folder);
  const startedAt = Date.now();
  const manifest = await withEmbeddedStores(
    options,
    { mode: 'read', instead: INSTEAD },
    async (stores, { origin, ledger }) => {
      const { eventStore, clock } = stores;
      makeEmptyFolder(directory);
      copyCheckpoints(ledger, directory);
      const file = join(directory, BACKUP_LOG_FILE);
      const { sizeBytes, head } = await eventStore.backupTo(file);
      const events = head === undefined ? 0 : await eventStore.countUpTo(head);
      const sha256 = await sha256OfFile(file);
      return {
        format: BACKUP_FORMAT,
        createdAt: clock.now(),
        origin,
        events,
        ...(head === undefined ? {} : { head }),
        sizeBytes,
        sha256,
      } satisfies BackupManifest;
    },
  );
  // Written last: a folder without it is a backup that was interrupted.
  writeDurably(join(directory, BACKUP_MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  const seconds = (Date.now() - startedAt) / 1_000;
  if (options.json) printJson({ directory, ...manifest, seconds });
  else {
    const { events, sizeBytes } = manifest;
    print(
      `${events.toLocaleString('en-US')} events, ${sizeText(sizeBytes)}, copied to ${directory}`,
    );
    print('Read models are not copied: a restore folds them from the log again.');
    print('The signed checkpoints are copied, and the key that signs is not: keep it elsewhere.');
  }
}

function makeEmptyFolder(directory: string): void {
  const made = mkdirSync(directory, { recursive: true });
  if (made !== undefined) syncPath(dirname(made));
  if (readdirSync(directory).length === 0) return;
  throw new UsageError('backup.folder-not-empty', `${directory} is not empty`);
}

/** SHA-256 of a file in hexadecimal, read in pieces. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
