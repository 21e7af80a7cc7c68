import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PositionUnknown, type EventStore } from '#event-store/port';
import {
  CHECKPOINT_PATH,
  checkpointInMark,
  HttpLedger,
  LEDGER_MARK,
  LedgerError,
  outsideAt,
  readCheckpoint,
  readKeyFile,
  tileSourceOf,
  type SignedCheckpoint,
} from '#ledger';
import { openCheckpoint, parseNote, rootOf, verifierKeyOf, type VerifierKey } from '#merkle';
import type { Configuration, LedgerConfiguration } from '#wiring';
import { answer, type Answer, type Check } from './check.js';
import { emptyOutside, ledgerChecks } from './ledger.js';

export type SignedFor = Pick<Configuration, 'ledger' | 'origin' | 'publicUrl'>;

/** Where the sequencer answers below the address of the house, and what an answer may take. */
const LEDGER_BELOW = '/ledger';
const ADDRESS_TIMEOUT_MS = 5_000;

/**
 * What is signed, as far as it can be seen without the ledger's folder, which the sequencer alone has:
 * the mark beside the log, the place outside, the public address. Beside that folder, the folder too.
 */
export async function serverLedgerChecks(
  { ledger, origin, publicUrl }: SignedFor,
  eventStore: EventStore,
): Promise<readonly Check[]> {
  if (ledger.kind === 'off') return await ledgerChecks({ ledger, origin }, eventStore);
  const look: Look = { eventStore, origin, keyFile: ledger.keyFile };
  const address = publicUrl === undefined ? undefined : `${publicUrl}${LEDGER_BELOW}`;
  return [
    ...(await withoutOrBesideFolder(ledger, look)),
    ...(address === undefined
      ? []
      : [await answer('ledger address', () => addressCheck(address, look))]),
  ];
}

type Look = {
  readonly eventStore: EventStore;
  readonly origin: string;
  readonly keyFile: string;
};

async function withoutOrBesideFolder(
  ledger: Extract<LedgerConfiguration, { readonly kind: 'on' }>,
  look: Look,
): Promise<readonly Check[]> {
  const { eventStore, origin } = look;
  const { directory, outside } = ledger;
  const mark = await answer('ledger mark', () => markCheck(look));
  if (existsSync(join(directory, CHECKPOINT_PATH))) {
    return [mark, ...(await ledgerChecks({ ledger, origin }, eventStore))];
  }
  if (outside === undefined) return [mark];
  return [mark, await answer('ledger outside', () => outsideCheck(outside, look))];
}

async function markCheck(look: Look): Promise<Answer> {
  const { eventStore } = look;
  const stored = await storedIn(eventStore);
  const mark = await eventStore.readMark(LEDGER_MARK);
  if (!mark) return { ok: true, detail: `nothing is signed yet, and the log has ${stored} events` };
  const { note, size, position } = checkpointInMark(mark);
  const signer = await signerOf(note, look);
  if (stored < size) return isShorter(size, stored);
  const counted = position === undefined ? 0n : await countedUpTo(eventStore, position);
  if (counted !== size) {
    const found = counted === undefined ? 'none of this log' : `that of event ${counted}`;
    return { ok: false, detail: `${size} events are signed, and the position beside is ${found}` };
  }
  return { ok: true, detail: `${size} of ${stored} events are signed by ${signer}` };
}

async function outsideCheck(place: string, look: Look): Promise<Answer> {
  const note = await outsideAt(place, look.origin).read();
  if (note === undefined) return await emptyOutside({ eventStore: look.eventStore });
  await signerOf(note, look);
  const there = readCheckpoint(note);
  const stored = await storedIn(look.eventStore);
  if (stored < there.size) return isShorter(there.size, stored);
  const marked = await markedIn(look.eventStore);
  const here = marked?.size ?? 0n;
  if (marked?.size === there.size && !isSame(marked.root, there.root)) {
    return {
      ok: false,
      detail: `the checkpoint of ${there.size} events there is another than here`,
    };
  }
  return { ok: true, detail: `${there.size} events are signed there, ${here} here` };
}

/** What the world is shown must be what the mark says, as far as it has come. */
async function addressCheck(address: string, look: Look): Promise<Answer> {
  const ledger = new HttpLedger(address, { timeoutMs: ADDRESS_TIMEOUT_MS });
  const bytes = await ledger.read(CHECKPOINT_PATH);
  const marked = await markedIn(look.eventStore);
  if (!bytes) {
    const detail = 'no checkpoint is shown there: does the proxy pass /ledger/ to the sequencer?';
    return { ok: marked === undefined, detail };
  }
  const note = Buffer.from(bytes).toString('utf8');
  await signerOf(note, look);
  const shown = readCheckpoint(note);
  const known = marked && marked.size <= shown.size ? marked : shown;
  const root = await rootOf(tileSourceOf(ledger), known.size);
  if (!isSame(root, known.root)) {
    const detail = `the tiles there do not bear out the checkpoint of ${known.size} events`;
    return { ok: false, detail };
  }
  return { ok: true, detail: `${shown.size} events are shown there, and the tiles bear it out` };
}

/**
 * Who signed a note, for people. The key is with the sequencer: who does not have it sees only whether
 * the note is of this log and has a signature of its name.
 * @throws LedgerError, MerkleError when it is not as it must be
 */
async function signerOf(note: string, { origin, keyFile }: Look): Promise<string> {
  const { origin: named } = readCheckpoint(note);
  if (named !== origin) throw notOurs(`it is of ${named}, and REDRESS_ORIGIN is ${origin}`);
  const key = await readKeyFile(keyFile, origin);
  if (key) return nameOf(openWith(note, verifierKeyOf(key)));
  const signature = parseNote(note).signatures.find(({ name }) => name === origin);
  if (!signature) throw notOurs(`it has no signature of ${origin}`);
  return `${nameOf(signature)}, whose key is not here to be checked with`;
}

function notOurs(message: string): LedgerError {
  return new LedgerError('ledger.checkpoint-malformed', message);
}

function openWith(note: string, key: VerifierKey): VerifierKey {
  openCheckpoint(note, [key]);
  return key;
}

function nameOf({ name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>): string {
  return `${name}+${keyId}`;
}

async function markedIn(eventStore: EventStore): Promise<SignedCheckpoint | undefined> {
  const mark = await eventStore.readMark(LEDGER_MARK);
  return mark && checkpointInMark(mark);
}

async function storedIn(eventStore: EventStore): Promise<bigint> {
  const head = await eventStore.head();
  return head === undefined ? 0n : BigInt(await eventStore.countUpTo(head));
}

/** Undefined when the position is another log's. */
async function countedUpTo(eventStore: EventStore, position: string): Promise<bigint | undefined> {
  try {
    return BigInt(await eventStore.countUpTo(position));
  } catch (error) {
    if (error instanceof PositionUnknown) return undefined;
    throw error;
  }
}

function isShorter(signed: bigint, stored: bigint): Answer {
  return { ok: false, detail: `${signed} events are signed, and the log has ${stored}` };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
