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
import { CHECKPOINT_PATH, COSIGNED_PATH } from '../tiles/ledger-folder.js';
import { LEDGER_MARK, type LedgerParts } from './ledger-parts.js';
import { outsideFileOf } from './outside.js';

/** Days that are looked at for the last note: more than one, as a clock may have been set back. */
const DAYS_REMEMBERED_COUNT = 3;

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
  /** There is a place outside, and it holds nothing yet. */
  readonly isOutsideEmpty: boolean;
};

type Kept = {
  readonly place: CheckpointPlace;
  readonly note: string;
  readonly position?: Position | undefined;
};

/**
 * Every checkpoint that was signed and is remembered: in the store, in the folder and its notes of
 * days, witnesses and clocks, outside. All were signed with this key.
 * @throws LedgerError `ledger.key-missing`, `ledger.key-changed`, `ledger.checkpoint-malformed`,
 * `ledger.forked` when two of one size differ, `ledger.outside-unavailable`: nothing may be
 * signed while it is not known what was.
 */
export async function knownCheckpoints(
  parts: LedgerParts,
  key: SignerKey | undefined,
): Promise<Known> {
  const mark = await parts.eventStore.readMark(LEDGER_MARK);
  const outside = keptAt('outside', await parts.outside?.read());
  const kept = [...(mark ? [keptInMark(mark)] : []), ...(await keptInFolder(parts)), ...outside];
  if (kept.length > 0 && !key) {
    throw new LedgerError(
      'ledger.key-missing',
      `${kept[0]?.place} has a signed checkpoint, and the key that signed it is not there: put it ` +
        'back, and start again. A log that goes on under another key cannot be told from a forged one',
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
  const isOutsideEmpty = parts.outside !== undefined && outside.length === 0;
  return { checkpoints: sorted, mark, isOutsideEmpty };
}

/** @throws LedgerError `ledger.outside-empty` when others remember what the place outside does not */
export function refuseOutsideEmpty(
  { origin }: LedgerParts,
  { checkpoints, isOutsideEmpty }: Known,
): void {
  // Over no events nothing was said that a log could go back behind.
  if (isOutsideEmpty && checkpoints.some(({ size }) => size > 0n)) throw outsideEmpty(origin);
}

/**
 * A folder whose disk is not mounted is empty, too: who signs on then forgets the only memory that an
 * old backup does not take back with it.
 */
export function outsideEmpty(origin: string): LedgerError {
  return new LedgerError(
    'ledger.outside-empty',
    'checkpoints were signed, and the place outside holds none: put it back (is it mounted?), or, ' +
      'if it is new, copy the file "checkpoint" of the ledger there as ' +
      `${outsideFileOf(origin)}; for a URL: PUT it there`,
  );
}

function keptAt(place: CheckpointPlace, note: string | undefined): readonly Kept[] {
  return note === undefined ? [] : [{ place, note }];
}

/** All but the checkpoint itself may be older; they tell when that one was lost or put back. */
async function keptInFolder({ folder }: LedgerParts): Promise<readonly Kept[]> {
  const kept = async (place: CheckpointPlace, path: string): Promise<readonly Kept[]> => {
    const bytes = await folder.read(path);
    return keptAt(place, bytes && Buffer.from(bytes).toString('utf8'));
  };
  const days = (await folder.days()).slice(-DAYS_REMEMBERED_COUNT);
  const stamped = await folder.lastStamped();
  const found = await Promise.all([
    kept('folder', CHECKPOINT_PATH),
    kept('cosigned file', COSIGNED_PATH),
    ...days.map((day) => kept('day file', `checkpoints/${day}`)),
    ...(stamped === undefined ? [] : [kept('time note', `time/${stamped}.note`)]),
  ]);
  return found.flat();
}

/**
 * The checkpoint that a mark holds, with the position of its last event where it has one; its
 * signature unseen. @throws LedgerError, MerkleError
 */
export function checkpointInMark(
  mark: Mark,
): SignedCheckpoint & { readonly position: Position | undefined } {
  const { note, position } = keptInMark(mark);
  return { ...readCheckpoint(note), position };
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

type Told = Pick<KnownCheckpoint, 'place' | 'size'>;

export function forked(one: Told, other: Told): LedgerError {
  return new LedgerError(
    'ledger.forked',
    `the checkpoints of the ${one.place} (size ${one.size}) and of the ${other.place} (size ` +
      `${other.size}) were both signed, and no one log has both: keep both, they are evidence`,
  );
}

export function isSameRoot(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
