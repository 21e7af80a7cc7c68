import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './exit-status.js';

/** Has what lies at a path, a file or a folder's names, written to the disk itself. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Where a result is to be written, as a whole path; looked at before it is made, which may take long.
 * @throws UsageError `usage.output`
 */
export function outputFile(path: string): string {
  const file = resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError('usage.output', `${path} is a folder: name a file`);
  }
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory()) return file;
  throw new UsageError('usage.output', `${path} cannot be written: there is no such folder`);
}

/** Writes a file that is there whole after a power cut, or not at all; one of that name goes. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const partial = `${file}.partial`;
  try {
    writeFileSync(partial, content);
    syncPath(partial);
    renameSync(partial, file);
  } catch (error) {
    // It may hold what is nobody else's business.
    rmSync(partial, { force: true });
    throw error;
  }
  syncPath(dirname(file));
}
