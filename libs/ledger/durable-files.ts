import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fdatasync,
  fsync,
  linkSync,
  mkdirSync,
  open,
  openSync,
  rename,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LedgerError } from './ledger-error.js';

export type FileToWrite = { readonly path: string; readonly bytes: Uint8Array };

/**
 * Synced at once, so that their syncs share what the disk does for one of them; each holds a
 * descriptor meanwhile.
 */
const WRITTEN_TOGETHER_MAX = 128;
/** A key may be read by its owner only; everything else in the folder is public or soon to be. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

const [openFile, renameFile] = [promisify(open), promisify(rename)];
const [syncData, sync] = [promisify(fdatasync), promisify(fsync)];

/**
 * Writes files whole or not at all, each beside its place and renamed, and their names durably: when
 * it resolves they survive a power cut. Directories are made.
 *
 * What changes a directory waits for the file system's journal, and so for any sync under way: done at
 * once, it would hold up whoever else has the thread. Writing goes to the page cache and waits for none.
 *
 * @throws LedgerError `ledger.folder-unavailable`
 */
export async function writeDurably(files: readonly FileToWrite[]): Promise<void> {
  try {
    const directories = new Set(files.map(({ path }) => dirname(path)));
    for (const directory of directories) makeDirectory(directory, directories);
    for (let at = 0; at < files.length; at += WRITTEN_TOGETHER_MAX) {
      await writeTogether(files.slice(at, at + WRITTEN_TOGETHER_MAX), PUBLIC_MODE);
    }
    await Promise.all([...directories].map(syncDirectory));
  } catch (cause) {
    throw folderUnavailable(cause);
  }
}

/** A new file, durably, readable by the owner only; one that is there is left as it is. */
export async function makeSecretDurably({ path, bytes }: FileToWrite): Promise<'made' | 'there'> {
  const beside = `${path}.${randomUUID()}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    await writeTogether([{ path: beside, bytes }], SECRET_MODE);
    try {
      // A link is made only where no file is, unlike a renaming, which takes its place.
      linkSync(beside, path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'there';
      throw error;
    } finally {
      rmSync(beside, { force: true });
    }
    await syncDirectory(dirname(path));
    return 'made';
  } catch (cause) {
    throw folderUnavailable(cause);
  }
}

/** Whole or not at all, but possibly lost in a power cut: for what can be made again. */
export function writeWhole({ path, bytes }: FileToWrite): void {
  const beside = `${path}.${randomUUID()}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(beside, bytes, { flag: 'wx', mode: PUBLIC_MODE });
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw folderUnavailable(cause);
  }
}

type Opened = { readonly path: string; readonly beside: string; readonly descriptor: number };

async function writeTogether(files: readonly FileToWrite[], mode: number): Promise<void> {
  const opened: Opened[] = [];
  try {
    await all(
      files.map(async ({ path, bytes }) => {
        const beside = `${path}.${randomUUID()}.new`;
        const descriptor = await openFile(beside, 'wx', mode);
        opened.push({ path, beside, descriptor });
        writeFileSync(descriptor, bytes);
        await syncData(descriptor);
      }),
    );
    await all(opened.map(({ path, beside }) => renameFile(beside, path)));
  } catch (error) {
    for (const { beside } of opened) rmSync(beside, { force: true });
    throw error;
  } finally {
    for (const { descriptor } of opened) closeSync(descriptor);
  }
}

/** Resolves when all have; rejects as the first does, but not before every one has ended. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** Every name on the way down must be durable, or the file is not to be found. */
function makeDirectory(directory: string, toSync: Set<string>): void {
  const made = mkdirSync(directory, { recursive: true });
  if (made === undefined) return;
  for (let below = directory; below.length >= made.length; below = dirname(below)) {
    toSync.add(dirname(below));
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const descriptor = openSync(directory, 'r');
  try {
    await sync(descriptor);
  } finally {
    closeSync(descriptor);
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
