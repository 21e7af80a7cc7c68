import { parseLeaf, verifyPack, type Fault, type PackVerdict } from '#evidence';
import {
  checkPolicy,
  leafHash,
  parsePolicy,
  parseTlogProof,
  verifyInclusion,
  type Policy,
} from '#merkle';

/** What the page says, in plain words. */
export type Answer = {
  readonly holds: boolean;
  readonly title: string;
  readonly summary: string;
  readonly faults: readonly Fault[];
  readonly faultCount: number;
  readonly checks: readonly string[];
  readonly notProved: readonly string[];
};

export type Question = {
  /** A pack, or a receipt. */
  readonly pack: Uint8Array;
  /** Text of a tlog-policy, or a verifier key alone. */
  readonly policy: string;
  /** Checkpoints, or receipts that carry one. */
  readonly kept: readonly string[];
};

const RECEIPT = 'c2sp.org/tlog-proof@v1\n';
const VERIFIER_KEY = /^\S+\+[0-9a-f]{8}\+\S+$/;

/** @throws MerkleError for a policy, EvidenceError for a policy without a log */
export function answerTo({ pack, policy: text, kept }: Question): Answer {
  const policy = policyOf(text);
  const start = new TextDecoder().decode(pack.subarray(0, RECEIPT.length));
  if (start === RECEIPT) return answerToReceipt(pack, policy);
  return answerToPack(verifyPack(pack, { policy, kept: kept.map(checkpointOf) }));
}

function policyOf(text: string): Policy {
  const trimmed = text.trim();
  if (VERIFIER_KEY.test(trimmed)) return parsePolicy(`log ${trimmed}\nquorum none\n`);
  // Who copies the lines of a policy seldom copies what ends the last one.
  return parsePolicy(text.endsWith('\n') ? text : `${text}\n`);
}

/** The signed note itself, also where a whole receipt was kept. */
function checkpointOf(kept: string): string {
  return kept.startsWith(RECEIPT) ? kept.slice(kept.indexOf('\n\n') + 2) : kept;
}

function answerToPack(verdict: PackVerdict): Answer {
  const { ok, origin, size, checked, withheld, subject, faults, faultCount } = verdict;
  const shown = checked - withheld.length;
  return {
    holds: ok,
    title: ok ? 'Verified' : 'Not verified',
    summary:
      `Pack of ${subject ?? 'no subject'}: ${checked} events proved, ${shown} of them shown, ` +
      `in the log ${origin ?? 'of no name'} of ${size} entries; ${faultCount} faults.`,
    faults,
    faultCount,
    checks: verdict.checks,
    notProved: verdict.notProved,
  };
}

function answerToReceipt(receipt: Uint8Array, policy: Policy): Answer {
  const { extra, index, proof, checkpoint: note } = parseTlogProof(receipt);
  const entry = extra ?? new Uint8Array();
  const { checkpoint, log, quorumMet } = checkPolicy(policy, note);
  const { size, root, origin } = checkpoint;
  const leaf = parseLeaf(entry);
  const isPlaced = leaf.origin === origin && BigInt(leaf.index) === index;
  const isIn = verifyInclusion({ index, size, leafHash: leafHash(entry), proof, root });
  const reason = isIn
    ? 'too few witnesses of the policy have cosigned, or the leaf is of another place'
    : 'the proof does not lead to the signed root';
  const holds = isPlaced && isIn && quorumMet;
  const fault: Fault = { what: 'proof', index: leaf.index, eventId: leaf.id, reason };
  return {
    holds,
    title: holds ? 'Verified' : 'Not verified',
    summary: `Receipt: ${leaf.type}, recorded at ${leaf.recordedAt}, is entry ${index} of the log ${origin}.`,
    faults: holds ? [] : [fault],
    faultCount: holds ? 0 : 1,
    checks: [`that ${log.name} signed a log of ${size} entries with this entry in it`],
    notProved: [
      'that what was recorded is true, or that nothing was kept out before it was recorded',
      'that the log was not rewritten since: keep the receipt, it finds that out',
    ],
  };
}
