import { createHash } from 'node:crypto';
import { timeNotePath, timeTokenPath, PACK_PATHS, type PackFile } from '#evidence';
import { complaintHistory } from './complaint-history.js';
import { signedLedger, type MemoryLedger } from './memory-ledger.js';
import { samplePackFiles } from './sample-pack.js';

export type FullPack = {
  readonly ledger: MemoryLedger;
  /** All files under `data/`. */
  readonly files: readonly PackFile[];
};

/** At two thirds of the log there was an earlier checkpoint. */
const EARLIER_PART = 2 / 3;

/** A pack of one stream with every kind of file that there is, and one event withheld. */
export async function fullPack(events: number): Promise<FullPack> {
  const history = complaintHistory({ events, streams: 1 });
  const ledger = signedLedger({ events: history });
  const younger = signedLedger({ events: history.slice(0, Math.floor(events * EARLIER_PART)) });
  const size = Number(younger.note.split('\n')[1]);
  // The letter whose hash the event of revision 1 names.
  const letter = Buffer.from('a/letter/1');
  const files = await samplePackFiles({
    ledger,
    events: history,
    stream: history[0]?.stream ?? '',
    earlier: [younger],
    withheld: [2],
    documents: [{ path: createHash('sha256').update(letter).digest('hex'), bytes: letter }],
  });
  return {
    ledger,
    files: [
      ...files,
      { path: timeNotePath(size), bytes: Buffer.from(younger.note) },
      { path: timeTokenPath(size), bytes: Buffer.from('the token of an authority') },
      { path: PACK_PATHS.chronologyPdf, bytes: Buffer.from('%PDF-1.7 the page to be printed') },
    ],
  };
}
