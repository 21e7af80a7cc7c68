import type { EventStore } from '#event-store/port';
import {
  checkpointInMark,
  keyFileProblem,
  LEDGER_MARK,
  LedgerFolder,
  readCheckpoint,
  readKeyFile,
  tileSourceOf,
} from '#ledger';
import { openCheckpoint, rootOf, verifierKeyOf } from '#merkle';
import type { Configuration } from '#wiring';
import { answer, type Answer, type Check } from './check.js';

type Ledger = Pick<Configuration, 'ledger' | 'origin'>;

/** The key, and what it signed last, compared with the tiles and the length of the log. */
export async function ledgerChecks(
  { ledger, origin }: Ledger,
  eventStore: EventStore | undefined,
): Promise<readonly Check[]> {
  if (ledger.kind === 'off') {
    return [{ name: 'ledger', ok: true, detail: 'off: nothing is signed' }];
  }
  const { directory, keyFile } = ledger;
  return [
    await answer('ledger key', () => keyCheck(keyFile, origin)),
    await answer('ledger', () => checkpointCheck({ directory, keyFile, origin, eventStore })),
  ];
}

async function keyCheck(keyFile: string, origin: string): Promise<Answer> {
  const problem = await keyFileProblem(keyFile, origin);
  if (problem !== undefined) return { ok: false, detail: problem };
  const key = await readKeyFile(keyFile, origin);
  return {
    ok: true,
    detail: key ? `${key.name}+${key.keyId}, read by its owner only` : 'none yet; signing makes it',
  };
}

async function checkpointCheck({
  directory,
  keyFile,
  origin,
  eventStore,
}: {
  readonly directory: string;
  readonly keyFile: string;
  readonly origin: string;
  readonly eventStore: EventStore | undefined;
}): Promise<Answer> {
  const folder = new LedgerFolder(directory);
  const bytes = await folder.read('checkpoint');
  const mark = await eventStore?.readMark(LEDGER_MARK);
  const notes = [
    ...(bytes ? [Buffer.from(bytes).toString('utf8')] : []),
    ...(mark ? [checkpointInMark(mark).note] : []),
  ];
  if (notes.length === 0) return { ok: true, detail: 'nothing is signed yet' };
  const key = await readKeyFile(keyFile, origin);
  if (!key) return { ok: false, detail: 'a checkpoint was signed, and its key is not there' };
  const sizes = notes.map((note) => {
    openCheckpoint(note, [verifierKeyOf(key)]);
    return readCheckpoint(note).size;
  });
  const largest = sizes.reduce((a, b) => (a > b ? a : b), 0n);
  const head = await eventStore?.head();
  const stored = head === undefined ? 0 : await eventStore?.countUpTo(head);
  if (eventStore && BigInt(stored ?? 0) < largest) {
    return { ok: false, detail: `${largest} events are signed, and the log has ${stored ?? 0}` };
  }
  return await tilesCheck(folder, bytes);
}

async function tilesCheck(folder: LedgerFolder, note: Uint8Array | undefined): Promise<Answer> {
  if (!note) return { ok: true, detail: 'its folder is empty; the next start makes it anew' };
  const { size, root } = readCheckpoint(Buffer.from(note).toString('utf8'));
  const found = await rootOf(tileSourceOf(folder), size);
  const ok = Buffer.compare(found, root) === 0;
  const detail = ok
    ? `${size} events are signed, and the tiles bear it out`
    : `the tiles do not bear out the checkpoint of size ${size}`;
  return { ok, detail };
}
