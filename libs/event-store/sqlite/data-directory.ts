import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailable } from '#event-store/port';
import { messageOf } from './driver-errors.js';

/** Makes a directory that survives a power cut. @throws StoreUnavailable */
export function makeDirectory(directory: string): void {
  try {
    const made = mkdirSync(directory, { recursive: true });
    // SQLite syncs the directory that its file lies in, not the one that this one lies in.
    if (made !== undefined) syncDirectory(dirname(made));
  } catch (cause) {
    throw new StoreUnavailable(`${directory} cannot be made: ${messageOf(cause)}`, { cause });
  }
}

/** Makes the names in a directory durable: a file's own sync does not promise its name. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
