import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LedgerError } from './ledger-error.js';

export type FileToWrite = { readonly path: string; readonly bytes: Uint8Array };

/** Written at once, so that their syncs share what the disk does for one of them. */
const WRITTEN_TOGETHER_MAX = 32;
/** A key may be read by its owner only; everything else in the folder is public or soon to be. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/**
 * Writes files whole or not at all, each beside its place and renamed, and their names durably: when
 * it resolves they survive a power cut. Directories are made.
 * @throws LedgerError `ledger.folder-unavailable`
 */
export async function writeDurably(files: readonly FileToWrite[]): Promise<void> {
  await inGroups(files, (file) => writeOne(file, PUBLIC_MODE));
  const directories = [...new Set(files.map(({ path }) => dirname(path)))];
  await inGroups(directories, syncDirectory);
}

/** A new file, durably, readable by the owner only; one that is there is left as it is. */
export async function makeSecretDurably(file: FileToWrite): Promise<'made' | 'there'> {
  try {
    const beside = `${file.path}.${randomUUID()}.new`;
    await writeOne({ path: beside, bytes: file.bytes }, SECRET_MODE);
    try {
      // A link is made only where no file is, unlike a renaming, which takes its place.
      await link(beside, file.path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'there';
      throw error;
    } finally {
      await rm(beside, { force: true });
    }
    await syncDirectory(dirname(file.path));
    return 'made';
  } catch (cause) {
    throw folderUnavailable(cause);
  }
}

/** Whole or not at all, but possibly lost in a power cut: for what can be made again. */
export async function writeWhole(file: FileToWrite): Promise<void> {
  await inGroups([file], (one) => writeOne(one, PUBLIC_MODE, 'unsynced'));
}

async function inGroups<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  try {
    for (let at = 0; at < items.length; at += WRITTEN_TOGETHER_MAX) {
      const settled = await Promise.allSettled(
        items.slice(at, at + WRITTEN_TOGETHER_MAX).map(work),
      );
      const failed = settled.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    }
  } catch (cause) {
    throw folderUnavailable(cause);
  }
}

async function writeOne(
  { path, bytes }: FileToWrite,
  mode: number,
  durability: 'synced' | 'unsynced' = 'synced',
): Promise<void> {
  const beside = `${path}.${randomUUID()}.new`;
  const handle = await openMaking(beside, mode);
  try {
    await handle.writeFile(bytes);
    if (durability === 'synced') await handle.datasync();
  } catch (error) {
    await handle.close();
    await rm(beside, { force: true });
    throw error;
  }
  await handle.close();
  await rename(beside, path);
}

/** Makes the directories only when they are missing: asking each time would cost as much again. */
async function openMaking(path: string, mode: number) {
  try {
    return await open(path, 'wx', mode);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const made = await mkdir(dirname(path), { recursive: true });
    // Every name on the way down must be durable, or the file is not to be found.
    for (let parent = dirname(path); made !== undefined && parent.length >= made.length;) {
      parent = dirname(parent);
      await syncDirectory(parent);
    }
    return await open(path, 'wx', mode);
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'unknown';
  return String(error.code);
}

/** No path in the message: the cause has it. */
export function folderUnavailable(cause: unknown): LedgerError {
  if (cause instanceof LedgerError) return cause;
  const message = `the ledger's files cannot be read or written (${codeOf(cause)})`;
  return new LedgerError('ledger.folder-unavailable', message, { cause });
}
