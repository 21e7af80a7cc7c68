import {
  leafHash,
  MerkleError,
  parseTlogProof,
  sha256,
  verifyInclusion,
  type TlogProof,
} from '#merkle';
import { hexOf } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import type { EventRecord } from '../event-record.js';
import { maybeLeaf } from '../ledger/leaf-scan.js';
import { leafOf, leafText, type Leaf } from '../leaf/leaf.js';
import { parsePayload } from '../leaf/payload.js';
import type { Trusted } from '../ledger/trust.js';
import type { Fault, FaultList } from '../verdict.js';
import type { ChronologyEvent } from './chronology.js';
import { eventPath, proofPath, type PackScope } from './pack-format.js';

type Files = ReadonlyMap<string, Uint8Array>;

export type EventsUnderProof = {
  readonly files: Files;
  readonly scope: PackScope;
  readonly trusted: Extract<Trusted, { readonly ok: true }>;
  /** The scope's withheld revisions, to be looked up. */
  readonly withheld: ReadonlySet<number>;
};

/**
 * Checks every revision of the pack: its proof, what its leaf says, and its payload unless withheld.
 * @returns the events whose leaf is proved, in order of revision; fewer than all after a fault
 */
export function verifyPackEvents(
  pack: EventsUnderProof,
  faults: FaultList,
): readonly ChronologyEvent[] {
  const proved: ChronologyEvent[] = [];
  let last = -1;
  for (let revision = 0; revision < pack.scope.events; revision += 1) {
    const event = verifyRevision(pack, revision, faults);
    if (!event) continue;
    if (event.leaf.index <= last) {
      faults.add({ ...about(event.leaf), reason: 'it stands before the revision before it' });
    }
    last = event.leaf.index;
    proved.push(event);
  }
  return proved;
}

/** The event of one revision, when its leaf is proved; without content when withheld, or at fault. */
export function verifyRevision(
  pack: EventsUnderProof,
  revision: number,
  faults: FaultList,
): ChronologyEvent | undefined {
  const leaf = provedLeaf(pack, revision, faults);
  const content = contentOf(pack, { revision, leaf }, faults);
  if (!leaf) return undefined;
  return content ? { leaf, content } : { leaf };
}

/** What a fault of a revision says of where it is. */
function about({ index, id }: Leaf): Pick<Fault, 'what' | 'index' | 'eventId'> {
  return { what: 'event', index, eventId: id };
}

/** The leaf of a revision, when its proof leads to the signed root. */
export function provedLeaf(
  { files, scope, trusted }: EventsUnderProof,
  revision: number,
  faults: FaultList,
): Leaf | undefined {
  const path = proofPath(revision);
  const bytes = files.get(path);
  const fail = (reason: string, leaf?: Leaf): undefined => {
    const where = leaf ? { index: leaf.index, eventId: leaf.id } : { index: null };
    faults.add({ what: 'proof', ...where, reason, path });
  };
  if (!bytes) return fail('it is missing, so the revisions of the stream have a gap');
  const proof = maybeProof(bytes);
  if (!proof?.extra) return fail('it is no .tlog-proof with its entry');
  const leaf = maybeLeaf(proof.extra);
  if (!leaf) return fail('its entry is no leaf record');
  if (proof.checkpoint !== trusted.note) return fail('it holds another checkpoint', leaf);
  if (!isIncluded(proof, proof.extra, trusted)) {
    return fail('its entry is not in the tree that was signed', leaf);
  }
  if (BigInt(leaf.index) !== proof.index) return fail('its leaf names another index', leaf);
  if (leaf.origin !== scope.origin) return fail('its leaf is of another log', leaf);
  if (leaf.stream !== scope.stream || leaf.revision !== revision) {
    return fail(`its leaf is not of revision ${revision} of the stream`, leaf);
  }
  return leaf;
}

function maybeProof(bytes: Uint8Array): TlogProof | undefined {
  try {
    return parseTlogProof(bytes);
  } catch (error) {
    if (error instanceof MerkleError) return undefined;
    throw error;
  }
}

function isIncluded(
  { index, proof }: TlogProof,
  entry: Uint8Array,
  { checkpoint }: EventsUnderProof['trusted'],
): boolean {
  const { size, root } = checkpoint;
  return verifyInclusion({ index, size, leafHash: leafHash(entry), proof, root });
}

type Revision = {
  readonly revision: number;
  /** Undefined when it is not proved. */
  readonly leaf: Leaf | undefined;
};

/** What an event says, when it is what its leaf binds; undefined when withheld, too. */
export function contentOf(
  { files, scope, withheld }: EventsUnderProof,
  { revision, leaf }: Revision,
  faults: FaultList,
): Pick<EventRecord, 'data' | 'metadata'> | undefined {
  const path = eventPath(revision);
  const bytes = files.get(path);
  const where = leaf ? about(leaf) : ({ what: 'event', index: null } as const);
  const fail = (reason: string): undefined => {
    faults.add({ ...where, reason, path });
  };
  if (withheld.has(revision))
    return bytes ? fail('it is there, though scope.json says withheld') : undefined;
  if (!bytes) return fail('it is missing, and scope.json does not say withheld');
  if (!leaf) return undefined;
  if (hexOf(sha256(bytes)) !== leaf.payloadSha256) return fail('it is not what was signed');
  const content = payloadOrReason(bytes);
  if (typeof content === 'string') return fail(content);
  const event = { ...content, ...leaf };
  if (!makesLeaf(event, leaf, scope.origin)) return fail('its leaf tells otherwise of it');
  return content;
}

/** What a payload holds, or why it is none. */
function payloadOrReason(bytes: Uint8Array): Pick<EventRecord, 'data' | 'metadata'> | string {
  try {
    return parsePayload(bytes);
  } catch (error) {
    if (error instanceof EvidenceError) return error.message;
    throw error;
  }
}

/** Whether the leaf's members (actor, times, salt, documents, …) are those of the payload. */
function makesLeaf(event: EventRecord, leaf: Leaf, origin: string): boolean {
  try {
    return leafText(leafOf(event, { origin, index: leaf.index })) === leafText(leaf);
  } catch (error) {
    if (error instanceof EvidenceError) return false;
    throw error;
  }
}
