import { EvidenceError, leafEntryOf } from '#evidence';
import type { Position, StoredEvent } from '#kernel';
import { TileBuilder, TreeHead, type SignerKey } from '#merkle';
import { LedgerError } from '../ledger-error.js';
import { readKeyFile } from '../key-file.js';
import type { SignedCheckpoint } from '../signed-checkpoint.js';
import { GrowingTree } from '../tiles/growing-tree.js';
import {
  forked,
  isSameRoot,
  knownCheckpoints,
  refuseOutsideEmpty,
  type Known,
  type KnownCheckpoint,
} from './known-checkpoints.js';
import type { LedgerParts } from './ledger-parts.js';
import { resumeTree, type ResumedTree } from './resume-tree.js';

/** Events read and hashed in one turn of the event loop: about five milliseconds. */
export const LEAVES_PER_TURN_MAX = 256;
const PROGRESS_EVERY = 10_000;

/** What is known before anything is signed. */
export type Recovered = {
  readonly tree: GrowingTree;
  /** Of the tree's last leaf; undefined when it has none. */
  readonly position: Position | undefined;
  /** The last checkpoint that was signed, wherever it is remembered. */
  readonly last: SignedCheckpoint | undefined;
  readonly markRevision: number | 'no-mark';
  readonly key: SignerKey | undefined;
  /** Places that remember less than the last checkpoint, or nothing. */
  readonly known: Known;
};

/**
 * Finds out what was signed, and where to go on. It is the same after a clean end, after a crash
 * between any two steps, and on a log, folder or mark that was lost, put back or exchanged.
 *
 * @throws LedgerError `ledger.log-does-not-extend`, `ledger.forked` and those of
 * {@link knownCheckpoints} and {@link refuseOutsideEmpty}: then nothing may be signed. StoreUnavailable.
 */
export async function recover(parts: LedgerParts, signal: AbortSignal): Promise<Recovered> {
  const key = await readKeyFile(parts.keyFile, parts.origin);
  const known = await knownCheckpoints(parts, key);
  const [last] = known.checkpoints;
  const resumed = await resumeTree(parts, known);
  const verified = resumed?.tree.size ?? 0n;
  const unverified = known.checkpoints.filter(({ size }) => size > verified);
  if (unverified.length > 0) await verifyAgainstLog(parts, { resumed, unverified, signal });
  // Last, since what is wrong with the log is the more serious.
  refuseOutsideEmpty(parts, known);
  await prepareIndex(parts, resumed);
  return {
    tree: resumed?.tree ?? new GrowingTree(new TileBuilder(), []),
    position: resumed?.position,
    last,
    markRevision: known.mark?.revision ?? 'no-mark',
    key,
    known,
  };
}

/**
 * Reads the log from where the files stand to the largest remembered checkpoint and compares each.
 * Writes nothing: files that bear out a checkpoint are not to be overwritten by a log that does not.
 */
async function verifyAgainstLog(
  parts: LedgerParts,
  {
    resumed,
    unverified,
    signal,
  }: {
    readonly resumed: ResumedTree | undefined;
    readonly unverified: readonly KnownCheckpoint[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const [highest, ...others] = unverified;
  if (!highest) return;
  await refuseShortLog(parts, highest);
  const { reached, wrong } = await compareAlong(parts, {
    head: new TreeHead(resumed?.tree.size ?? 0n, resumed?.peaks ?? []),
    after: resumed?.position,
    checkpoints: unverified,
    signal,
  });
  if (reached < highest.size || wrong.includes(highest)) throw doesNotExtend(highest, reached);
  const [odd] = wrong.filter((one) => others.includes(one));
  if (odd) throw forked(highest, odd);
}

/** Grows the head by the log to the largest checkpoint; answers those whose root is another. */
async function compareAlong(
  parts: LedgerParts,
  {
    head,
    after,
    checkpoints,
    signal,
  }: {
    readonly head: TreeHead;
    readonly after: Position | undefined;
    readonly checkpoints: readonly KnownCheckpoint[];
    readonly signal: AbortSignal;
  },
): Promise<{ readonly reached: bigint; readonly wrong: readonly KnownCheckpoint[] }> {
  const wrong: KnownCheckpoint[] = [];
  const end = Number(checkpoints[0]?.size ?? 0n);
  let size = Number(head.size);
  for await (const event of eventsAfter(parts, after)) {
    signal.throwIfAborted();
    head.addEntry(entryOf(parts, event, size));
    size += 1;
    for (const one of checkpoints) {
      if (Number(one.size) === size && !isSameRoot(head.root(), one.root)) wrong.push(one);
    }
    if (size % PROGRESS_EVERY === 0) parts.onProgress?.({ done: size, of: end });
    if (size === end) break;
  }
  return { reached: BigInt(size), wrong };
}

async function refuseShortLog(
  { eventStore }: LedgerParts,
  highest: KnownCheckpoint,
): Promise<void> {
  const position = await eventStore.head();
  const stored = position === undefined ? 0 : await eventStore.countUpTo(position);
  if (BigInt(stored) < highest.size) throw doesNotExtend(highest, BigInt(stored));
}

function doesNotExtend({ place, size }: KnownCheckpoint, stored: bigint): LedgerError {
  const found =
    stored < size
      ? `the log has ${stored} events`
      : `the first ${size} events of the log are not those that were signed`;
  return new LedgerError(
    'ledger.log-does-not-extend',
    `the checkpoint of the ${place} was signed over ${size} events, and ${found}: an old backup, a ` +
      'cut or exchanged log. Nothing is signed until the log is put back that goes on from there',
  );
}

async function* eventsAfter(
  { eventStore }: LedgerParts,
  after: Position | undefined,
): AsyncGenerator<StoredEvent> {
  const start = after === undefined ? {} : { after };
  for await (const page of eventStore.readAll({ ...start, pageSize: LEAVES_PER_TURN_MAX })) {
    yield* page;
    // Requests are to be answered meanwhile.
    await nextTurn();
  }
}

/** Resolves when whatever else waits has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** @throws LedgerError `ledger.event-malformed` */
export function entryOf({ origin }: LedgerParts, event: StoredEvent, index: number): Uint8Array {
  try {
    return leafEntryOf(event, { origin, index });
  } catch (cause) {
    if (!(cause instanceof EvidenceError)) throw cause;
    throw new LedgerError('ledger.event-malformed', cause.message, { cause });
  }
}

/**
 * The index of ids up to where the tree stands: what a crash kept from being written is added. It is
 * never synced, so that a power cut can take any of its files: one that has not as many records as the
 * state says is made anew, or an event of the log would be said not to be there.
 */
async function prepareIndex(
  { folder }: LedgerParts,
  resumed: ResumedTree | undefined,
): Promise<void> {
  const { ids } = folder;
  if (!resumed) {
    ids.clear();
    return;
  }
  const count = ids.repair();
  const state = await folder.state();
  const { size } = resumed.tree;
  const isWhole = count === state?.indexedSize && BigInt(count) <= size;
  if (!isWhole) ids.clear();
  await folder.indexEntries(isWhole ? BigInt(count) : 0n, size);
}
