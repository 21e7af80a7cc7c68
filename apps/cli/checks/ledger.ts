import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '#event-store/port';
import {
  checkpointInMark,
  keyFileProblem,
  LEDGER_MARK,
  LedgerFolder,
  outsideAt,
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
  const { directory, keyFile, outside } = ledger;
  const checked = { directory, keyFile, origin, eventStore };
  return [
    await answer('ledger key', () => keyCheck(keyFile, origin)),
    await answer('ledger', () => checkpointCheck(checked)),
    ...(outside === undefined
      ? []
      : [await answer('ledger outside', () => outsideCheck(outside, checked))]),
  ];
}

type Checked = {
  readonly directory: string;
  readonly keyFile: string;
  readonly origin: string;
  readonly eventStore: EventStore | undefined;
};

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
}: Checked): Promise<Answer> {
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
  const stored = await storedIn(eventStore);
  if (stored !== undefined && stored < largest) {
    return { ok: false, detail: `${largest} events are signed, and the log has ${stored}` };
  }
  // As a restore leaves it: a backup has checkpoints only.
  const hasTiles = existsSync(join(directory, 'tile'));
  return await tilesCheck(folder, hasTiles ? bytes : undefined);
}

/** What is remembered outside is what an old backup cannot take back with it. */
async function outsideCheck(
  place: string,
  { directory, keyFile, origin, eventStore }: Checked,
): Promise<Answer> {
  const note = await outsideAt(place, origin).read();
  if (note === undefined) return await emptyOutside({ directory, eventStore });
  const key = await readKeyFile(keyFile, origin);
  if (!key)
    return { ok: false, detail: 'a checkpoint is there, and the key that signs is not here' };
  const { size, root } = openCheckpoint(note, [verifierKeyOf(key)]).checkpoint;
  const stored = await storedIn(eventStore);
  if (stored !== undefined && stored < size) {
    return { ok: false, detail: `${size} events are signed there, and the log has ${stored}` };
  }
  const folder = new LedgerFolder(directory);
  const here = (await folder.checkpoint())?.size ?? 0n;
  if (here < size) return { ok: true, detail: `${size} events are signed there, ${here} here` };
  const ok = Buffer.compare(await rootOf(tileSourceOf(folder), size), root) === 0;
  const verdict = ok ? 'and the tiles bear it out' : 'and the tiles here are of another log';
  return { ok, detail: `${size} events are signed there, ${verdict}` };
}

/** No checkpoint is no fault before the first signature, and keeps everything from being signed after. */
export async function emptyOutside({
  directory,
  eventStore,
}: Pick<Checked, 'eventStore'> & { readonly directory?: string }): Promise<Answer> {
  const mark = await eventStore?.readMark(LEDGER_MARK);
  const inMark = mark ? checkpointInMark(mark).size : 0n;
  const folder = directory === undefined ? undefined : new LedgerFolder(directory);
  const inFolder = (await folder?.checkpoint())?.size ?? 0n;
  const signed = inMark > inFolder ? inMark : inFolder;
  if (signed === 0n) return { ok: true, detail: 'no checkpoint is there yet' };
  const detail = `${signed} events are signed, and no checkpoint is there: is the place mounted?`;
  return { ok: false, detail };
}

/** Events of the log; undefined when it cannot be asked. */
async function storedIn(eventStore: EventStore | undefined): Promise<bigint | undefined> {
  if (!eventStore) return undefined;
  const head = await eventStore.head();
  return head === undefined ? 0n : BigInt(await eventStore.countUpTo(head));
}

async function tilesCheck(folder: LedgerFolder, note: Uint8Array | undefined): Promise<Answer> {
  if (!note) return { ok: true, detail: 'its folder has no tiles; the next start makes them anew' };
  const { size, root } = readCheckpoint(Buffer.from(note).toString('utf8'));
  const found = await rootOf(tileSourceOf(folder), size);
  const ok = Buffer.compare(found, root) === 0;
  const detail = ok
    ? `${size} events are signed, and the tiles bear it out`
    : `the tiles do not bear out the checkpoint of size ${size}`;
  return { ok, detail };
}
