import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerConfiguration } from '#wiring';
import { syncPath } from './durable-file.js';

/** Within a backup, in the layout of the ledger's own folder. */
export const BACKUP_LEDGER_FOLDER = 'ledger';
const CHECKPOINT_FILE = 'checkpoint';
const DAYS_FOLDER = 'checkpoints';
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Copies the signed checkpoints, and neither tiles, which the log gives again, nor the key, which
 * must not lie beside what it signs. To be called before the log is copied, so that the copy of the
 * log covers them. Answers how many files were copied.
 */
export function copyCheckpoints(ledger: LedgerConfiguration, backup: string): number {
  if (ledger.kind === 'off') return 0;
  return copyAll(ledger.directory, join(backup, BACKUP_LEDGER_FOLDER));
}

/**
 * Puts the checkpoints of a backup where none are. One that is there stays: if it is newer than the
 * backup, the ledger refuses to sign, as it should.
 */
export function putCheckpoints(ledger: LedgerConfiguration, backup: string): number {
  if (ledger.kind === 'off') return 0;
  return copyAll(join(backup, BACKUP_LEDGER_FOLDER), ledger.directory);
}

function copyAll(source: string, target: string): number {
  const days = join(source, DAYS_FOLDER);
  const names = existsSync(days) ? readdirSync(days).filter((name) => DAY.test(name)) : [];
  const files = [CHECKPOINT_FILE, ...names.map((name) => join(DAYS_FOLDER, name))];
  const wanted = files.filter((file) => existsSync(join(source, file)));
  const missing = wanted.filter((file) => !existsSync(join(target, file)));
  if (missing.length === 0) return 0;
  mkdirSync(join(target, DAYS_FOLDER), { recursive: true });
  for (const file of missing) {
    copyFileSync(join(source, file), join(target, file));
    syncPath(join(target, file));
  }
  syncPath(join(target, DAYS_FOLDER));
  syncPath(target);
  return missing.length;
}
