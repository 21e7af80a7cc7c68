import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from './exit-status.js';

export const BACKUP_LOG_FILE = 'log.sqlite';
export const BACKUP_MANIFEST_FILE = 'backup.json';
export const BACKUP_FORMAT = 1;

/** What lies beside the copied log, so that a restore can tell whether it is whole. */
export type BackupManifest = {
  readonly format: number;
  readonly createdAt: string;
  readonly origin: string;
  /** Events in the copy. */
  readonly events: number;
  /** Position of the last one; absent when there is none. */
  readonly head?: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

/** What a restore relies on. */
export type Restorable = Pick<BackupManifest, 'events' | 'head' | 'sha256'>;

const SHA256 = /^[0-9a-f]{64}$/;
const POSITION = /^(?:0|[1-9]\d{0,18})$/;

/** @throws UsageError `backup.not-found`, `backup.damaged`, `backup.format-unknown`. */
export function readManifest(file: string, directory: string): Restorable {
  if (!existsSync(file)) {
    throw new UsageError(
      'backup.not-found',
      `${directory} holds no whole backup (no ${BACKUP_MANIFEST_FILE})`,
    );
  }
  const manifest = parsed(readFileSync(file, 'utf8'));
  if (typeof manifest?.['format'] === 'number' && manifest['format'] !== BACKUP_FORMAT) {
    throw new UsageError('backup.format-unknown', `${file}: format ${manifest['format']}`);
  }
  const restorable = restorableOf(manifest);
  if (!restorable || manifest?.['format'] !== BACKUP_FORMAT) {
    throw new UsageError('backup.damaged', `${file} is not what a backup writes`);
  }
  return restorable;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

/** The members that a restore needs, where they are there; undefined otherwise. */
function restorableOf(
  manifest: Readonly<Record<string, unknown>> | undefined,
): Restorable | undefined {
  const { events, head, sha256 } = manifest ?? {};
  if (typeof events !== 'number' || !Number.isSafeInteger(events)) return undefined;
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) return undefined;
  if (head === undefined) return { events, sha256 };
  return typeof head === 'string' && POSITION.test(head) ? { events, head, sha256 } : undefined;
}
