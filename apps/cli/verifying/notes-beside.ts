import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '#event-store/port';
import { BESIDE_MAX, type NamedNote } from '#evidence';
import { readCheckpoint, type LedgerFolder } from '#ledger';
import { MerkleError } from '#merkle';

/** A server writes the latest checkpoint and that of the day together; so long they may differ. */
const SETTLE_MAX_MS = 2_000;
const SETTLE_LOOK_MS = 50;

export type NotesBeside = {
  readonly notes: readonly NamedNote[];
  /** Those that are too many to be judged, the oldest; 0 but in very old ledgers. */
  readonly unread: number;
};

/**
 * The signed checkpoints that lie in a ledger's folder beside the latest one: those of each day, and
 * those that have a time token. To be read before the latest one is, which a running server writes
 * first: so none of these is later than that.
 * @throws LedgerError `ledger.folder-unavailable`
 */
export async function notesBeside(folder: LedgerFolder): Promise<NotesBeside> {
  const days = (await folder.days()).map((day) => `checkpoints/${day}`);
  const times = (await sizesIn(folder.directory, 'note')).map((size) => `time/${size}.note`);
  const timesRead = times.slice(-Math.max(0, BESIDE_MAX - days.length));
  const notes: NamedNote[] = [];
  for (const path of [...days, ...timesRead]) {
    const note = await folder.read(path);
    if (note) notes.push({ path, note });
  }
  await settled(folder, Math.max(0, ...notes.map(sizeOf)));
  return { notes, unread: times.length - timesRead.length };
}

/** Sizes of the files `time/<size>.<kind>` of a ledger's folder, in their order. */
export async function sizesIn(directory: string, kind: 'note' | 'tsr'): Promise<readonly number[]> {
  return (await namesIn(join(directory, 'time')))
    .flatMap((name) => {
      const [, size, found] = /^(0|[1-9]\d{0,14})\.(note|tsr)$/.exec(name) ?? [];
      return found === kind ? [Number(size)] : [];
    })
    .toSorted((a, b) => a - b);
}

/** Waits until the latest checkpoint is of this size; for a while, as it may never be. */
async function settled(folder: LedgerFolder, size: number): Promise<void> {
  const deadline = performance.now() + SETTLE_MAX_MS;
  while (performance.now() < deadline) {
    const bytes = await folder.read('checkpoint');
    if (!bytes || sizeOf({ note: bytes }) >= size) return;
    await pause(SETTLE_LOOK_MS, new AbortController().signal);
  }
}

/** As the note says, whoever signed it; 0 when it is none, which is for the verifier to find. */
function sizeOf({ note }: Pick<NamedNote, 'note'>): number {
  try {
    return Number(readCheckpoint(Buffer.from(note).toString('utf8')).size);
  } catch (error) {
    if (error instanceof MerkleError) return 0;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
