import { open, readFile, rename, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Position } from '#kernel';
import { Bookmark, NoticesUnavailable } from '#notices/port';

const POSITION = /^\d{1,20}$/;

/** A bookmark in a small file: there whole after a power cut, or as it was before. */
export class FileBookmark extends Bookmark {
  constructor(private readonly file: string) {
    super();
  }

  override async position(): Promise<Position | undefined> {
    const text = await readFile(this.file, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw unavailable(error);
    });
    const position = text.trim();
    // What is not a position was not written here; reading the log again is always right.
    return POSITION.test(position) ? position : undefined;
  }

  override async advance(position: Position): Promise<void> {
    const partial = `${this.file}.partial`;
    try {
      await mkdir(dirname(this.file), { recursive: true });
      const handle = await open(partial, 'w');
      try {
        await handle.writeFile(`${position}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(partial, this.file);
      await syncFolder(dirname(this.file));
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** A name in a folder is on the disk only once the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

function unavailable(cause: unknown): NoticesUnavailable {
  return new NoticesUnavailable('the bookmark of notices cannot be read or written', { cause });
}
