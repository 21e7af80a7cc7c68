import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  earlierCheckpointPath,
  earlierConsistencyPath,
  timeNotePath,
  timeTokenPath,
  type PackFile,
} from '#evidence';
import {
  MerkleError,
  openCheckpoint,
  proveConsistency,
  verifyConsistency,
  type VerifierKey,
} from '#merkle';
import { LedgerError } from '../ledger-error.js';
import { readCheckpoint, type SignedCheckpoint } from '../signed-checkpoint.js';
import type { LedgerFolder } from '../tiles/ledger-folder.js';
import { tileSourceOf } from '../tiles/tile-source.js';
import { EARLIER_CHECKPOINTS_MAX, TIME_TOKENS_MAX } from './pack-bounds.js';
import { PackRefused } from './pack-errors.js';

export type EarlierAsked = {
  readonly folder: LedgerFolder;
  /** The pack's own. */
  readonly checkpoint: SignedCheckpoint;
  /** Index of the stream's first leaf: what was signed before it says nothing of the stream. */
  readonly firstIndex: bigint;
  /** UTC day of the stream's first event. */
  readonly firstDay: string;
  /** Signed notes that somebody has kept, to be linked to the pack's checkpoint as well. */
  readonly kept: readonly string[];
  /** Of the log; what somebody kept is taken only when this key signed it. */
  readonly key: VerifierKey | undefined;
};

/**
 * What links the pack's checkpoint to earlier ones: those of each day since the stream began, those
 * that carry a time token (with the token), and those that somebody kept.
 * @throws LedgerError `ledger.forked`, `ledger.damaged`; PackRefused `ledger.kept-differs`,
 * `ledger.kept-unusable`
 */
export async function earlierFiles(asked: EarlierAsked): Promise<readonly PackFile[]> {
  const { folder, checkpoint, firstIndex, kept, key } = asked;
  const tokens = await timeTokens(asked);
  const found = new Map<bigint, SignedCheckpoint>();
  const isEarlier = ({ size }: SignedCheckpoint): boolean =>
    size > firstIndex && size < checkpoint.size;
  for (const one of [...(await daily(asked)), ...tokens.map(({ note }) => note)]) {
    if (isEarlier(one)) found.set(one.size, one);
  }
  const files = tokens.flatMap(({ files: both }) => both);
  for (const one of [...found.values()].slice(-EARLIER_CHECKPOINTS_MAX)) {
    const linked = await linkFiles(folder, one, checkpoint);
    if (!linked) throw forked(one, checkpoint);
    files.push(...linked);
  }
  for (const note of kept) files.push(...(await keptFiles(asked, signedBy(key, note))));
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

async function daily({ folder, firstDay }: EarlierAsked): Promise<readonly SignedCheckpoint[]> {
  const days = (await folder.days()).filter((day) => day >= firstDay);
  const found: SignedCheckpoint[] = [];
  for (const day of days.slice(-EARLIER_CHECKPOINTS_MAX)) {
    const bytes = await folder.read(`checkpoints/${day}`);
    if (bytes) found.push(readCheckpoint(Buffer.from(bytes).toString('utf8')));
  }
  return found;
}

type TimeToken = { readonly note: SignedCheckpoint; readonly files: readonly PackFile[] };

/** Tokens over checkpoints that say something of the stream and are not later than the pack's. */
async function timeTokens(asked: EarlierAsked): Promise<readonly TimeToken[]> {
  const { folder, checkpoint, firstIndex } = asked;
  const sizes = (await namesIn(join(folder.directory, 'time')))
    .flatMap((name) => /^([1-9]\d{0,14})\.tsr$/.exec(name)?.[1] ?? [])
    .map(BigInt)
    .filter((size) => size > firstIndex && size <= checkpoint.size)
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const tokens: TimeToken[] = [];
  for (const size of sizes.slice(-TIME_TOKENS_MAX)) {
    const note = await folder.read(`time/${size}.note`);
    const token = await folder.read(`time/${size}.tsr`);
    // The two are written one after the other; a token without its note proves nothing yet.
    if (!note || !token) continue;
    tokens.push({
      note: readCheckpoint(Buffer.from(note).toString('utf8')),
      files: [
        { path: timeNotePath(Number(size)), bytes: note },
        { path: timeTokenPath(Number(size)), bytes: token },
      ],
    });
  }
  return tokens;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LedgerError('ledger.folder-unavailable', 'the time tokens cannot be listed', {
      cause: error,
    });
  }
}

/** The files of one link; undefined when the later tree does not extend the earlier one. */
async function linkFiles(
  folder: LedgerFolder,
  earlier: SignedCheckpoint,
  later: SignedCheckpoint,
): Promise<readonly PackFile[] | undefined> {
  const proof = await proveConsistency(tileSourceOf(folder), earlier.size, later.size);
  const claim = {
    size1: earlier.size,
    size2: later.size,
    root1: earlier.root,
    root2: later.root,
    proof,
  };
  if (earlier.origin !== later.origin || !verifyConsistency(claim)) return undefined;
  const size = Number(earlier.size);
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return [
    { path: earlierCheckpointPath(size), bytes: Buffer.from(earlier.note) },
    { path: earlierConsistencyPath(size), bytes: Buffer.from(lines.join('')) },
  ];
}

/** @throws PackRefused `ledger.kept-unusable` */
function signedBy(key: VerifierKey | undefined, note: string): SignedCheckpoint {
  try {
    const { checkpoint } = openCheckpoint(note, key ? [key] : []);
    return { note, ...checkpoint };
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    throw new PackRefused('ledger.kept-unusable', `a kept checkpoint: ${error.message}`);
  }
}

async function keptFiles(
  { folder, checkpoint }: EarlierAsked,
  kept: SignedCheckpoint,
): Promise<readonly PackFile[]> {
  const what = `the kept checkpoint of ${kept.size} leaves`;
  const differs = (how: string): PackRefused =>
    new PackRefused('ledger.kept-differs', `${what} ${how}`);
  const unusable = (how: string): PackRefused =>
    new PackRefused('ledger.kept-unusable', `${what} ${how}`);
  if (kept.origin !== checkpoint.origin) throw unusable(`is of another log, ${kept.origin}`);
  if (kept.size === 0n) return [];
  if (kept.size > checkpoint.size) {
    throw unusable(`is later than the pack, which is of ${checkpoint.size}: verify the ledger`);
  }
  const isSame = Buffer.compare(kept.root, checkpoint.root) === 0;
  if (kept.size === checkpoint.size) {
    if (isSame) return [];
    throw differs('has another root than the log has at that size');
  }
  const files = await linkFiles(folder, kept, checkpoint);
  if (!files) throw differs('is none that the log of today extends');
  return files;
}

function forked(earlier: SignedCheckpoint, later: SignedCheckpoint): LedgerError {
  return new LedgerError(
    'ledger.forked',
    `the checkpoint of ${earlier.size} leaves is none that the one of ${later.size} extends`,
  );
}
