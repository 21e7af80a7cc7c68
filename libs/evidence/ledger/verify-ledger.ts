import { EMPTY_ROOT, type Policy } from '#merkle';
import { equalBytes } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord, PublicLedger } from '../event-record.js';
import { FaultList, type Fault, type Verdict } from '../verdict.js';
import { EventAlignment } from './event-alignment.js';
import { judgeTree } from './judge-tree.js';
import { KeptCheckpoints, type NamedNote } from './kept-checkpoints.js';
import { LeafChecks } from './leaf-checks.js';
import { LedgerReader } from './ledger-reader.js';
import type { SignedTree } from './signed-tree.js';
import { readUpperLevels, TreeWalk, type MissingTile, type WalkedBundle } from './tree-walk.js';
import { trustedCheckpoint, type Trusted } from './trust.js';
import { checksInWords, notProvedInWords } from './ledger-words.js';

export type VerifyOptions = {
  /** Whom the verifier trusts; never taken from what is verified. */
  readonly policy: Policy;
  /** Signed checkpoints that somebody kept from earlier; {@link KEPT_MAX} at most. */
  readonly kept?: readonly (string | NamedNote)[];
  /**
   * Signed checkpoints that lie in the ledger beside the latest one; {@link BESIDE_MAX} at most. They
   * must be of this very tree, and are no memory outside the house. Beside a running server they are
   * to be read before this is called: what it publishes later is later than the checkpoint read here.
   */
  readonly beside?: readonly NamedNote[];
  /** Faults that are listed; FAULTS_MAX unless told. All are counted. */
  readonly faultsMax?: number;
  /** Told after each bundle of 256. */
  readonly onProgress?: (progress: { readonly checked: number; readonly total: number }) => void;
};

/**
 * As {@link Verdict}. A checkpoint is valid when the policy's quorum has cosigned it (C2SP tlog-policy,
 * What is a "policy"?), and witnesses come after signing: `size` is that of the latest valid one.
 */
export type LedgerVerdict = Verdict & {
  /** Leaves after those that the log alone has signed: checked too, and nothing to rely on yet. */
  readonly notCosignedYet: number;
};

/** Of a store also how many of its events no checkpoint covers yet. */
export type EventsVerdict = LedgerVerdict & { readonly notYetSigned: number };

/**
 * Verifies a whole log from its public artefacts: the checkpoint's signature and cosignatures, every
 * entry against the tiles, every tile against the one above up to the signed root, what the leaves say
 * of their place, and every kept checkpoint. Goes on after a fault, and says where each one is.
 * @throws what the ledger's source throws when it cannot be reached.
 */
export async function verifyLedger(
  ledger: PublicLedger,
  options: VerifyOptions,
): Promise<LedgerVerdict> {
  const { notYetSigned: _, ...verdict } = await verifyLog(ledger, options, undefined);
  return verdict;
}

/**
 * Verifies a store against its log: all of {@link verifyLedger}, and in the same pass that every
 * event of the store, in order of the log, makes the leaf that was signed. Names what was changed,
 * added, taken away or moved. Holds a few pages of either in memory.
 * @param events all events in order of the log, a page at a time
 * @throws what either source throws when it cannot be reached.
 */
export async function verifyEvents(
  events: AsyncIterable<readonly EventRecord[]>,
  ledger: PublicLedger,
  options: VerifyOptions,
): Promise<EventsVerdict> {
  return verifyLog(ledger, options, events);
}

/** Where a ledger of this product keeps the latest checkpoint that witnesses have cosigned. */
const COSIGNED_PATH = 'cosigned';

type TrustedCheckpoint = Extract<Trusted, { readonly ok: true }>;
type Events = AsyncIterable<readonly EventRecord[]>;

async function verifyLog(
  ledger: PublicLedger,
  options: VerifyOptions,
  events: Events | undefined,
): Promise<EventsVerdict> {
  if (options.policy.logs.length === 0) {
    throw new EvidenceError('verification.misused', 'the policy names no log to trust');
  }
  const faults = new FaultList(options.faultsMax);
  // In this order: the latest one is written first, so what lies beside it is never later.
  const cosignedNote = await ledger.read(COSIGNED_PATH);
  const note = await ledger.read('checkpoint');
  const trusted: Trusted = note
    ? trustedCheckpoint(note, options.policy)
    : { ok: false, what: 'checkpoint', reason: 'it is missing' };
  if (!trusted.ok) {
    faults.add({ what: trusted.what, index: null, reason: trusted.reason, path: 'checkpoint' });
    return untrusted(faults);
  }
  const { policy } = options;
  const cosigned = cosignedCheckpoint(cosignedNote, trusted, policy);
  if (!cosigned) faults.add(quorumFault(trusted));
  const { origin } = trusted.checkpoint;
  const kept = new KeptCheckpoints({ notes: options.kept ?? [], policy, origin, from: 'kept' });
  const lying = options.beside ?? [];
  const beside = new KeptCheckpoints({ notes: lying, policy, origin, from: 'beside' });
  // By itself, for what it vouches for rests on whether it is of this tree.
  const ofCosigned = new KeptCheckpoints({
    notes: cosignedNote ? [{ path: COSIGNED_PATH, note: cosignedNote }] : [],
    policy,
    origin,
    from: 'beside',
  });
  const leaves = new LeafChecks(trusted.checkpoint, faults);
  const alignment = events && new EventAlignment(events, origin);
  const walked = await walk(new LedgerReader(ledger, trusted.size), {
    trusted,
    faults,
    held: [kept, beside, ofCosigned],
    leaves,
    alignment,
    onProgress: options.onProgress,
  });
  return verdictOf({
    trusted,
    cosigned: cosigned === trusted || ofCosigned.sizes.length > 0 ? cosigned : undefined,
    faults,
    kept: kept.sizes,
    isKeptGiven: (options.kept ?? []).length > 0,
    besideCount: beside.sizes.length + ofCosigned.sizes.length,
    streams: leaves.streams,
    walked,
  });
}

/**
 * The checkpoint that the policy's quorum has cosigned: the latest one, or, as witnesses come after
 * signing, the one beside it, which the latest must then extend. Undefined when neither is.
 */
function cosignedCheckpoint(
  note: Uint8Array | undefined,
  trusted: TrustedCheckpoint,
  policy: Policy,
): TrustedCheckpoint | undefined {
  if (trusted.quorumMet) return trusted;
  const cosigned = note && trustedCheckpoint(note, policy);
  return cosigned?.ok && cosigned.quorumMet ? cosigned : undefined;
}

function quorumFault({ size, cosigners }: TrustedCheckpoint): Fault {
  const reason = `too few witnesses of the policy have cosigned: ${cosigners.length}`;
  return { what: 'cosignature', index: size, reason, path: 'checkpoint' };
}

function untrusted(faults: FaultList): EventsVerdict {
  return {
    ok: false,
    origin: null,
    size: 0,
    checked: 0,
    notCosignedYet: 0,
    notYetSigned: 0,
    faults: faults.faults,
    faultCount: faults.count,
    checks: [],
    notProved: [
      'anything: without a checkpoint that can be trusted there is nothing to hold the log against',
    ],
  };
}

type Walk = {
  readonly trusted: TrustedCheckpoint;
  readonly faults: FaultList;
  readonly held: readonly KeptCheckpoints[];
  readonly leaves: LeafChecks;
  readonly alignment: EventAlignment | undefined;
  readonly onProgress: VerifyOptions['onProgress'];
};

type Walked = {
  readonly checked: number;
  readonly notYetSigned: number | undefined;
  /** Whether entries and tiles were all there and led to the signed root. */
  readonly isTreeSigned: boolean;
};

async function walk(reader: LedgerReader, parts: Walk): Promise<Walked> {
  const { trusted, faults, held, leaves, alignment, onProgress } = parts;
  const { stored, missing } = await readUpperLevels(reader);
  const tree = new TreeWalk(reader, stored, trusted.checkpoint.root);
  let checked = 0;
  let unread = missing.length;
  for await (const bundle of tree.bundles()) {
    const damaged = unreadable(bundle);
    unread += damaged.length;
    for (const fault of damaged) faults.add(fault);
    leaves.check(bundle);
    for (const notes of held) notes.see(bundle);
    if (alignment) await alignment.take(bundle);
    if (bundle.entries.content) checked += bundle.width;
    onProgress?.({ checked: bundle.first + bundle.width, total: reader.size });
  }
  for (const fault of missing) faults.add(missingTile(fault));
  const judged = treeJudged(reader, { tree, missing, trusted });
  for (const fault of judged.faults) faults.add(fault);
  faults.addUnlisted('leaf', tree.suspectsBeyond);
  const log = { size: reader.size, root: trusted.checkpoint.root, tree: judged.signed };
  for (const notes of held) {
    for (const fault of notes.judge(log)) faults.add(fault);
  }
  const isTreeSigned = unread + judged.faults.length + tree.suspectsBeyond === 0;
  if (!alignment) return { checked, notYetSigned: undefined, isTreeSigned };
  const aligned = await alignment.finish();
  for (const fault of aligned.faults) faults.add(fault);
  faults.addUnlisted('event', aligned.faultsBeyond);
  return { checked, notYetSigned: aligned.notYetSigned, isTreeSigned };
}

function treeJudged(
  reader: LedgerReader,
  walked: {
    readonly tree: TreeWalk;
    readonly missing: readonly MissingTile[];
    readonly trusted: Walk['trusted'];
  },
): { readonly faults: readonly Fault[]; readonly signed: SignedTree | undefined } {
  const { root } = walked.trusted.checkpoint;
  const { size } = reader;
  if (size > 0) return judgeTree(reader, walked.tree, { size, root, missing: walked.missing });
  if (equalBytes(root, EMPTY_ROOT)) return { faults: [], signed: undefined };
  const reason = 'a tree without leaves has another root';
  const fault = { what: 'checkpoint', index: 0, reason, path: 'checkpoint' } as const;
  return { faults: [fault], signed: undefined };
}

function unreadable({ number, entries, tile }: WalkedBundle): readonly Fault[] {
  const faults: Fault[] = [];
  if (!entries.content) {
    const { path, reason } = entries;
    faults.push({ what: 'entries', index: number, reason: `the bundle: ${reason}`, path });
  }
  if (!tile.content) {
    const { path, reason } = tile;
    faults.push({ what: 'tile', index: number, reason: `the tile: ${reason}`, path });
  }
  return faults;
}

function missingTile({ number, path, reason }: MissingTile): Fault {
  return { what: 'tile', index: number, reason: `the tile: ${reason}`, path };
}

function verdictOf(found: {
  readonly trusted: Walk['trusted'];
  readonly cosigned: Walk['trusted'] | undefined;
  readonly faults: FaultList;
  readonly kept: readonly number[];
  readonly isKeptGiven: boolean;
  readonly besideCount: number;
  readonly streams: number | undefined;
  readonly walked: Walked;
}): EventsVerdict {
  const { trusted, cosigned, faults, walked } = found;
  const { notYetSigned } = walked;
  const { size } = cosigned ?? trusted;
  const { isTreeSigned } = walked;
  const findings = { ...found, isTreeSigned, hasEvents: notYetSigned !== undefined };
  return {
    ok: faults.count === 0,
    origin: trusted.checkpoint.origin,
    size,
    checked: Math.min(walked.checked, size),
    notCosignedYet: trusted.size - (cosigned?.size ?? 0),
    notYetSigned: notYetSigned ?? 0,
    faults: faults.faults,
    faultCount: faults.count,
    checks: checksInWords(findings),
    notProved: notProvedInWords(findings),
  };
}
