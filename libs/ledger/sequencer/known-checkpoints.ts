import { verifierKeyOf, type SignerKey } from '#merkle';
import type { Mark } from '#event-store/port';
import type { Position } from '#kernel';
import { LedgerError } from '../ledger-error.js';
import {
  openOwnCheckpoint,
  readCheckpoint,
  type CheckpointPlace,
  type SignedCheckpoint,
} from '../signed-checkpoint.js';
import { CHECKPOINT_PATH } from '../tiles/ledger-folder.js';
import { LEDGER_MARK, type LedgerParts } from './ledger-parts.js';

/** A checkpoint of ours that somebody remembers. */
export type KnownCheckpoint = SignedCheckpoint & {
  readonly place: CheckpointPlace;
  /** Of its last event, where that was kept with it. */
  readonly position: Position | undefined;
};

export type Known = {
  /** Largest first; what is remembered in several places stands there several times. */
  readonly checkpoints: readonly KnownCheckpoint[];
  readonly mark: Mark | undefined;
};

type Kept = {
  readonly place: CheckpointPlace;
  readonly note: string;
  readonly position?: Position | undefined;
};

/**
 * Every checkpoint that was signed and is remembered: in the store, in the folder, outside. All were
 * signed with this key.
 * @throws LedgerError `ledger.key-missing`, `ledger.key-changed`, `ledger.checkpoint-malformed`,
 * `ledger.forked` when two of one size differ, `ledger.outside-unavailable`: nothing may be signed
 * while it is not known what was.
 */
export async function knownCheckpoints(
  parts: LedgerParts,
  key: SignerKey | undefined,
): Promise<Known> {
  const mark = await parts.eventStore.readMark(LEDGER_MARK);
  const kept = [
    ...(mark ? [keptInMark(mark)] : []),
    ...(await keptAt('folder', () => noteInFolder(parts))),
    ...(await keptAt('outside', async () => await parts.outside?.read())),
  ];
  if (kept.length > 0 && !key) {
    throw new LedgerError(
      'ledger.key-missing',
      `${kept[0]?.place} has a signed checkpoint, and the key that signed it is not there: put it ` +
        'back. A log that goes on under another key cannot be told from a forged one',
    );
  }
  const verifierKey = key && verifierKeyOf(key);
  const checkpoints = verifierKey
    ? kept.map(({ place, note, position }) => ({
        ...openOwnCheckpoint(note, verifierKey, place),
        place,
        position,
      }))
    : [];
  const sorted = checkpoints.toSorted((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0));
  refuseForks(sorted);
  return { checkpoints: sorted, mark };
}

async function keptAt(
  place: CheckpointPlace,
  read: () => Promise<string | undefined>,
): Promise<readonly Kept[]> {
  const note = await read();
  return note === undefined ? [] : [{ place, note }];
}

async function noteInFolder({ folder }: LedgerParts): Promise<string | undefined> {
  const bytes = await folder.read(CHECKPOINT_PATH);
  return bytes && Buffer.from(bytes).toString('utf8');
}

/** The checkpoint that a mark holds, its signature unseen. @throws LedgerError, MerkleError */
export function checkpointInMark(mark: Mark): SignedCheckpoint {
  return readCheckpoint(keptInMark(mark).note);
}

function keptInMark({ value }: Mark): Kept {
  const { note, position, v } = JSON.parse(value) as Readonly<Record<string, unknown>>;
  if (v !== 1 || typeof note !== 'string' || typeof position !== 'string') {
    throw new LedgerError(
      'ledger.checkpoint-malformed',
      'the mark beside the log is of another version, or not ours',
    );
  }
  return { place: 'mark', note, position: position === '' ? undefined : position };
}

function refuseForks(sorted: readonly KnownCheckpoint[]): void {
  for (const [at, checkpoint] of sorted.entries()) {
    const next = sorted[at + 1];
    if (next?.size !== checkpoint.size || isSameRoot(next.root, checkpoint.root)) continue;
    throw forked(checkpoint, next);
  }
}

export function forked(one: KnownCheckpoint, other: KnownCheckpoint): LedgerError {
  return new LedgerError(
    'ledger.forked',
    `the checkpoints of the ${one.place} (size ${one.size}) and of the ${other.place} (size ` +
      `${other.size}) were both signed, and no one log has both: keep both, they are evidence`,
  );
}

export function isSameRoot(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
