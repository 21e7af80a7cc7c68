import { EMPTY_ROOT, verifyConsistency, type Hash, type Policy } from '#merkle';
import { bytesOfBase64, equalBytes, maybeTextOf } from '../bytes.js';
import { KEPT_MAX, type NamedNote } from '../ledger/kept-checkpoints.js';
import { trustedCheckpoint, type Trusted } from '../ledger/trust.js';
import type { Fault, FaultList } from '../verdict.js';
import {
  earlierCheckpointPath,
  earlierConsistencyPath,
  parsePackPath,
  timeNotePath,
  timeTokenPath,
  type PackPath,
} from './pack-format.js';

type Files = ReadonlyMap<string, Uint8Array>;

export type Anchored = {
  readonly files: Files;
  readonly policy: Policy;
  readonly trusted: Extract<Trusted, { readonly ok: true }>;
};

/** Roots that the log is proved to have had, by size: the pack's own and all linked to it. */
export type ProvedRoots = ReadonlyMap<number, Hash>;

/** Checks every earlier checkpoint of the pack against the pack's own, by its consistency proof. */
export function verifyEarlier(pack: Anchored, faults: FaultList): ProvedRoots {
  const { root } = pack.trusted.checkpoint;
  const proved = new Map<number, Hash>([[pack.trusted.size, root]]);
  for (const size of sizesOf(pack.files, ['earlier-checkpoint', 'earlier-consistency'])) {
    const found = earlierRoot(pack, size);
    if ('reason' in found) faults.add(found);
    else proved.set(size, found.root);
  }
  return proved;
}

function sizesOf(files: Files, kinds: readonly PackPath['kind'][]): readonly number[] {
  const sizes = new Set<number>();
  for (const path of files.keys()) {
    const parsed = parsePackPath(path);
    if (parsed && 'size' in parsed && kinds.includes(parsed.kind)) sizes.add(parsed.size);
  }
  return [...sizes].toSorted((a, b) => a - b);
}

function earlierRoot(pack: Anchored, size: number): { readonly root: Hash } | Fault {
  const path = earlierCheckpointPath(size);
  const fail = (reason: string): Fault => ({ what: 'checkpoint', index: size, reason, path });
  const note = pack.files.get(path);
  const lines = pack.files.get(earlierConsistencyPath(size));
  if (!note || !lines) return fail('the checkpoint or its consistency proof is missing');
  const earlier = trustedCheckpoint(note, pack.policy);
  if (!earlier.ok) return fail(earlier.reason);
  const { checkpoint } = pack.trusted;
  if (earlier.size !== size || earlier.checkpoint.origin !== checkpoint.origin) {
    return fail('it is of another size or log than it should be');
  }
  const proof = maybeHashes(lines);
  const claim = {
    size1: earlier.checkpoint.size,
    size2: checkpoint.size,
    root1: earlier.checkpoint.root,
    root2: checkpoint.root,
    proof: proof ?? [],
  };
  if (proof && size < pack.trusted.size && verifyConsistency(claim)) return { root: claim.root1 };
  return {
    what: 'proof',
    index: size,
    reason: `the signed log does not extend the one of ${size} leaves by this proof`,
    path: earlierConsistencyPath(size),
  };
}

/** One hash in base64 a line. */
function maybeHashes(bytes: Uint8Array): readonly Hash[] | undefined {
  const text = maybeTextOf(bytes);
  if (text?.endsWith('\n') !== true) return undefined;
  const hashes = text.slice(0, -1).split('\n').map(bytesOfBase64);
  return hashes.every((hash): hash is Uint8Array => hash !== undefined) ? hashes : undefined;
}

/**
 * Checks that each time token's note is a checkpoint of this very log. The tokens themselves are for
 * a program that knows the authority's certificates.
 */
export function verifyTimeNotes(pack: Anchored, roots: ProvedRoots, faults: FaultList): number {
  const sizes = sizesOf(pack.files, ['time-note', 'time-token']);
  for (const size of sizes) {
    const fail = (reason: string): void => {
      faults.add({ what: 'time-token', index: size, reason, path: timeNotePath(size) });
    };
    const note = pack.files.get(timeNotePath(size));
    if (!note || !pack.files.has(timeTokenPath(size))) {
      fail('the note or its token is missing');
      continue;
    }
    const trusted = trustedCheckpoint(note, pack.policy);
    if (!trusted.ok) fail(trusted.reason);
    else if (trusted.size !== size) fail(`its checkpoint is of ${trusted.size} leaves`);
    else if (!isProved(roots, trusted)) fail('no proof links its checkpoint to that of the pack');
  }
  return sizes.length;
}

function isProved(
  roots: ProvedRoots,
  { size, checkpoint }: Extract<Trusted, { readonly ok: true }>,
): boolean {
  const root = size === 0 ? EMPTY_ROOT : roots.get(size);
  return root !== undefined && equalBytes(root, checkpoint.root);
}

/**
 * Holds checkpoints that an auditor kept against those that the pack proves.
 * @returns the sizes of those that were found in it
 */
export function verifyKept(
  pack: Anchored & {
    readonly kept: readonly (string | NamedNote)[];
    readonly roots: ProvedRoots;
  },
  faults: FaultList,
): readonly number[] {
  const agreeing: number[] = [];
  for (const named of pack.kept.slice(0, KEPT_MAX)) {
    const [note, where] =
      typeof named === 'string' ? [named, {}] : [named.note, { path: named.path }];
    const trusted = trustedCheckpoint(note, pack.policy);
    const reason = trusted.ok ? keptProblem(pack, trusted) : `a kept checkpoint: ${trusted.reason}`;
    if (reason === undefined && trusted.ok) agreeing.push(trusted.size);
    if (reason === undefined) continue;
    faults.add({ what: 'kept', index: trusted.ok ? trusted.size : null, reason, ...where });
  }
  if (pack.kept.length > KEPT_MAX) {
    const reason = `at most ${KEPT_MAX} kept checkpoints are read`;
    faults.add({ what: 'kept', index: null, reason });
  }
  return agreeing;
}

function keptProblem(
  { trusted: pack, roots }: Anchored & { readonly roots: ProvedRoots },
  kept: Extract<Trusted, { readonly ok: true }>,
): string | undefined {
  if (kept.checkpoint.origin !== pack.checkpoint.origin) {
    return `a kept checkpoint is of the log ${kept.checkpoint.origin}`;
  }
  if (isProved(roots, kept)) return undefined;
  if (kept.size > pack.size) {
    return `the kept checkpoint has ${kept.size} leaves, that of the pack ${pack.size}: this pack was not made for it, as it is of an older tree. That says nothing against the house; ask for a pack made with it (ledger pack --kept), or verify the ledger`;
  }
  return roots.has(kept.size)
    ? `the log had another root at ${kept.size} leaves than the kept checkpoint: history was rewritten or forked`
    : `this pack was not made for the kept checkpoint of ${kept.size} leaves: it holds no consistency proof from there. That says nothing against the house; ask for a pack made with it (ledger pack --kept), or verify the ledger`;
}
