import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Has what lies at a path, a file or a folder's names, written to the disk itself. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file that is there whole after a power cut, or not at all; one of that name goes. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, content);
  syncPath(partial);
  renameSync(partial, file);
  syncPath(dirname(file));
}
