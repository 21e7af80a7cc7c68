import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, folderUnavailable } from './durable-files.js';

/** As files are named before they take their place. */
const HALF_WRITTEN = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.new$/;
/** Younger ones may be of a process that still writes: none takes as long for one file. */
const AGE_MIN_MS = 60_000;

/**
 * Takes away what processes that were killed left below a folder, half written.
 * @throws LedgerError `ledger.folder-unavailable`
 */
export async function removeHalfWritten(folder: string, nowMs: number): Promise<void> {
  for (const { name, isFolder } of await listed(folder)) {
    const path = join(folder, name);
    if (isFolder) await removeHalfWritten(path, nowMs);
    else await removeWhenOld(path, nowMs);
  }
}

/** As {@link removeHalfWritten}, of what was to be one file: half a key is a secret, too. */
export async function removeHalfWrittenOf(file: string, nowMs: number): Promise<void> {
  const folder = dirname(file);
  for (const { name } of await listed(folder)) {
    if (name.replace(HALF_WRITTEN, '') !== basename(file)) continue;
    await removeWhenOld(join(folder, name), nowMs);
  }
}

async function removeWhenOld(path: string, nowMs: number): Promise<void> {
  if (!HALF_WRITTEN.test(path)) return;
  try {
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs >= AGE_MIN_MS) await rm(path, { force: true });
  } catch (error) {
    // It has taken its place meanwhile.
    if (codeOf(error) !== 'ENOENT') throw folderUnavailable(error);
  }
}

async function listed(
  folder: string,
): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((one) => ({ name: one.name, isFolder: one.isDirectory() }));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw folderUnavailable(error);
  }
}
