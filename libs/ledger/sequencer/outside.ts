import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, writeDurably } from '../durable-files.js';
import { LedgerError } from '../ledger-error.js';
import { fetchBytes } from '../tiles/http-ledger.js';

export const OUTSIDE_TIMEOUT_MS = 10_000;

/**
 * A place out of the house's reach, or at least off its disk, for the last signed checkpoint. What is
 * under way may be given up when the signal aborts.
 */
export type OutsidePlace = {
  /** The note that was put there last; undefined when none was. @throws LedgerError */
  readonly read: (signal?: AbortSignal) => Promise<string | undefined>;
  /** @throws LedgerError `ledger.outside-unavailable` */
  readonly write: (note: string, signal?: AbortSignal) => Promise<void>;
};

/**
 * A folder, which must be there: one file for each log, or the URL of the note itself, read by GET
 * and written by PUT. Redirections are not followed.
 */
export function outsideAt(place: string, origin: string): OutsidePlace {
  return /^https?:\/\//.test(place) ? outsideUrl(place) : outsideFolder(place, origin);
}

/** Its name in a folder outside. No origin holds a plus sign, so that no two have one file. */
export function outsideFileOf(origin: string): string {
  return `${origin.replaceAll('/', '+')}.checkpoint`;
}

function outsideFolder(folder: string, origin: string): OutsidePlace {
  const path = join(folder, outsideFileOf(origin));
  return {
    read: async () => {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        // That there is no file in a folder is one thing; a folder that is not mounted another.
        if (codeOf(error) === 'ENOENT' && (await isThere(folder))) return undefined;
        throw unavailable(error, 'the folder outside cannot be read');
      }
    },
    write: async (note) => {
      try {
        if (!(await isThere(folder))) throw new Error('the folder is not there');
        await writeDurably([{ path, bytes: Buffer.from(note) }]);
      } catch (error) {
        throw unavailable(error, 'the folder outside cannot be written');
      }
    },
  };
}

async function isThere(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function outsideUrl(url: string): OutsidePlace {
  return {
    read: async () => {
      try {
        const bytes = await fetchBytes(url, { timeoutMs: OUTSIDE_TIMEOUT_MS });
        return bytes && Buffer.from(bytes).toString('utf8');
      } catch (error) {
        throw unavailable(error, 'the place outside does not answer');
      }
    },
    write: async (note) => {
      try {
        const response = await fetch(url, {
          method: 'PUT',
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: note,
          redirect: 'error',
          signal: AbortSignal.timeout(OUTSIDE_TIMEOUT_MS),
        });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      } catch (error) {
        throw unavailable(error, 'the place outside does not take the checkpoint');
      }
    },
  };
}

/** Without the address, which may hold a secret path: the configuration names it. */
function unavailable(cause: unknown, message: string): LedgerError {
  return new LedgerError('ledger.outside-unavailable', message, { cause });
}
