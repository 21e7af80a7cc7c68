import { sha256, type Policy } from '#merkle';
import { firstDifference, hexOf } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { NamedNote } from '../ledger/kept-checkpoints.js';
import { trustedCheckpoint, type Trusted } from '../ledger/trust.js';
import { FaultList, type Verdict } from '../verdict.js';
import { chronologyStart, type ChronologyEvent } from './chronology.js';
import {
  documentPath,
  PACK_PATHS,
  parsePackPath,
  parseScope,
  timeNotePath,
  timeTokenPath,
  topFolderOf,
  type PackScope,
} from './pack-format.js';
import { packChecksInWords, packNotProvedInWords, type PackFound } from './pack-words.js';
import { inspectStoredZip } from './stored-zip.js';
import { openBag, verifyBag } from './verify-bag.js';
import { verifyEarlier, verifyKept, verifyTimeNotes } from './verify-earlier.js';
import { verifyPackEvents } from './verify-events.js';

export type VerifyPackOptions = {
  /** Whom the verifier trusts; never taken from the pack. */
  readonly policy: Policy;
  /** Signed checkpoints that somebody kept from earlier. */
  readonly kept?: readonly (string | NamedNote)[];
  /** Faults that are listed; FAULTS_MAX unless told. All are counted. */
  readonly faultsMax?: number;
};

/** As {@link Verdict}; `checked` counts revisions whose leaf is proved, withheld ones too. */
export type PackVerdict = Verdict & {
  readonly subject: string | null;
  readonly stream: string | null;
  /** Revisions whose content is left out. */
  readonly withheld: readonly number[];
  /** Documents that are in the pack, and how many more its events name. */
  readonly documents: number;
  readonly documentsMissing: number;
  readonly timeTokens: number;
};

type Files = ReadonlyMap<string, Uint8Array>;

/**
 * Verifies an evidence pack: every byte of the zip, the bag's manifests, the checkpoint's signature,
 * a proof for each revision from 0 without a gap, each event against its leaf, earlier and kept
 * checkpoints, documents, and the chronology. Needs nothing but the pack and whom to trust.
 */
export function verifyPack(bytes: Uint8Array, options: VerifyPackOptions): PackVerdict {
  if (options.policy.logs.length === 0) {
    throw new EvidenceError('verification.misused', 'the policy names no log to trust');
  }
  const faults = new FaultList(options.faultsMax);
  const bag = openBag(bytes, faults);
  verifyBag(bag, faults);
  const scope = scopeOf(bag.files, faults);
  const trusted = checkpointOf(bag.files, options.policy, faults);
  if (scope && bag.top !== undefined && bag.top !== topFolderOf(scope.subject)) {
    const reason = `the folder is not called ${topFolderOf(scope.subject)}`;
    faults.add({ what: 'file', index: null, reason, path: bag.top });
  }
  if (!scope || !trusted) return verdictOf(faults, { scope, trusted, found: NOTHING_FOUND });
  checkScope(scope, trusted, faults);
  const found = contentsOf({ files: bag.files, scope, trusted, options }, faults);
  return verdictOf(faults, { scope, trusted, found });
}

function scopeOf(files: Files, faults: FaultList): PackScope | undefined {
  try {
    return parseScope(files.get(PACK_PATHS.scope) ?? new Uint8Array());
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    faults.add({ what: 'file', index: null, reason: error.message, path: PACK_PATHS.scope });
    return undefined;
  }
}

type TrustedCheckpoint = Extract<Trusted, { readonly ok: true }>;

function checkpointOf(
  files: Files,
  policy: Policy,
  faults: FaultList,
): TrustedCheckpoint | undefined {
  const path = PACK_PATHS.checkpoint;
  const note = files.get(path);
  const trusted: Trusted = note
    ? trustedCheckpoint(note, policy)
    : { ok: false, what: 'checkpoint', reason: 'it is missing' };
  if (!trusted.ok) {
    faults.add({ what: trusted.what, index: null, reason: trusted.reason, path });
    return undefined;
  }
  if (!trusted.quorumMet) {
    const reason = `too few witnesses of the policy have cosigned: ${trusted.cosigners.length}`;
    faults.add({ what: 'cosignature', index: trusted.size, reason, path });
  }
  return trusted;
}

function checkScope(scope: PackScope, trusted: TrustedCheckpoint, faults: FaultList): void {
  const isSame = scope.origin === trusted.checkpoint.origin && scope.size === trusted.size;
  if (isSame) return;
  const reason = 'scope.json names another log or size than the checkpoint';
  faults.add({ what: 'file', index: null, reason, path: PACK_PATHS.scope });
}

type Contents = {
  readonly files: Files;
  readonly scope: PackScope;
  readonly trusted: TrustedCheckpoint;
  readonly options: VerifyPackOptions;
};

const NOTHING_FOUND: PackFound = {
  checked: 0,
  earlier: [],
  kept: [],
  isKeptGiven: false,
  timeTokens: 0,
  documents: 0,
  documentsMissing: 0,
  hasPdf: false,
};

function contentsOf({ files, scope, trusted, options }: Contents, faults: FaultList): PackFound {
  const faultsBefore = faults.count;
  const withheld = new Set(scope.withheld);
  const events = verifyPackEvents({ files, scope, trusted, withheld }, faults);
  const isEachProved = faults.count === faultsBefore;
  checkNothingBeyond(files, scope.events, faults);
  const anchored = { files, trusted, policy: options.policy };
  const roots = verifyEarlier(anchored, faults);
  const timeTokens = verifyTimeNotes(anchored, roots, faults);
  const kept = verifyKept({ ...anchored, kept: options.kept ?? [], roots }, faults);
  const named = new Set(events.flatMap(({ leaf }) => leaf.documents));
  const documents = verifyDocuments(files, named, faults);
  // The page of events that are not proved says nothing; that fault stands already.
  if (isEachProved) checkChronology(files, { scope, events }, faults);
  return {
    checked: events.length,
    earlier: [...roots.keys()].filter((size) => size < trusted.size),
    kept,
    isKeptGiven: (options.kept ?? []).length > 0,
    timeTokens,
    documents,
    documentsMissing:
      named.size - [...named].filter((hash) => files.has(documentPath(hash))).length,
    hasPdf: files.has(PACK_PATHS.chronologyPdf),
  };
}

function checkNothingBeyond(files: Files, events: number, faults: FaultList): void {
  for (const path of files.keys()) {
    const parsed = parsePackPath(path);
    if (!parsed || !('revision' in parsed) || parsed.revision < events) continue;
    const reason = `scope.json says that the pack has ${events} events`;
    faults.add({ what: parsed.kind, index: null, reason, path });
  }
}

/** Checks every document by the hash in its name, and that an event names it. */
export function verifyDocuments(
  files: Files,
  named: ReadonlySet<string>,
  faults: FaultList,
): number {
  let count = 0;
  for (const [path, bytes] of files) {
    const parsed = parsePackPath(path);
    if (parsed?.kind !== 'document' || !('sha256' in parsed)) continue;
    count += 1;
    const fail = (reason: string): void => {
      faults.add({ what: 'document', index: null, reason, path });
    };
    if (hexOf(sha256(bytes)) !== parsed.sha256) fail('its content does not have the hash it names');
    if (!named.has(parsed.sha256)) fail('no event of the pack names it');
  }
  return count;
}

function checkChronology(
  files: Files,
  pack: { readonly scope: PackScope; readonly events: readonly ChronologyEvent[] },
  faults: FaultList,
): void {
  const found = files.get(PACK_PATHS.chronologyHtml) ?? new Uint8Array();
  const page = chronologyStart({ ...pack.scope, events: pack.events }, found.length);
  comparePage(found, page, faults);
}

/** The page of the pack must be, byte for byte, the one that its events make. */
export function comparePage(found: Uint8Array, page: Uint8Array, faults: FaultList): void {
  const index = firstDifference(found, page);
  if (index === undefined) return;
  const reason = 'it is not the page that these events make';
  faults.add({ what: 'file', index, reason, path: PACK_PATHS.chronologyHtml });
}

function verdictOf(
  faults: FaultList,
  pack: {
    readonly scope: PackScope | undefined;
    readonly trusted: TrustedCheckpoint | undefined;
    readonly found: PackFound;
  },
): PackVerdict {
  const { scope, trusted, found } = pack;
  const facts = scope && trusted && { scope, trusted, found, faults };
  return {
    ok: faults.count === 0,
    origin: trusted?.checkpoint.origin ?? null,
    size: trusted?.size ?? 0,
    checked: found.checked,
    faults: faults.faults,
    faultCount: faults.count,
    checks: facts ? packChecksInWords(facts) : [],
    notProved: facts
      ? packNotProvedInWords(facts)
      : ['anything: there is no checkpoint that can be trusted, or no scope'],
    subject: scope?.subject ?? null,
    stream: scope?.stream ?? null,
    withheld: scope?.withheld ?? [],
    documents: found.documents,
    documentsMissing: found.documentsMissing,
    timeTokens: found.timeTokens,
  };
}

export type TimeToken = {
  readonly size: number;
  readonly note: Uint8Array;
  readonly token: Uint8Array;
};

/** The RFC 3161 tokens of a pack with the notes that they are over, for a program that checks them. */
export function timeTokensOf(pack: Uint8Array): readonly TimeToken[] {
  const files = new Map(
    inspectStoredZip(pack).files.map(({ path, bytes }) => [
      path.slice(path.indexOf('/') + 1),
      bytes,
    ]),
  );
  return [...files].flatMap(([path, note]): readonly TimeToken[] => {
    const parsed = parsePackPath(path);
    if (parsed?.kind !== 'time-note' || !('size' in parsed)) return [];
    const token = files.get(timeTokenPath(parsed.size));
    return token && path === timeNotePath(parsed.size) ? [{ size: parsed.size, note, token }] : [];
  });
}
