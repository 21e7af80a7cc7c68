import {
  EvidenceError,
  parseLeaf,
  type Fault,
  type Leaf,
  type NamedNote,
  type Verdict,
} from '#evidence';
import {
  checkPolicy,
  leafHash,
  MerkleError,
  parseTlogProof,
  verifyInclusion,
  type CheckedCheckpoint,
  type Policy,
  type TlogProof,
} from '#merkle';

/** As {@link Verdict}; also the entry that the receipt is of, once it is proved to be in the log. */
export type ReceiptVerdict = Verdict & { readonly leaf?: Leaf };

export type ReceiptToVerify = {
  /** The `.tlog-proof` (C2SP tlog-proof), its entry as the extra data. */
  readonly bytes: Uint8Array;
  /** As the caller named it; for faults. */
  readonly path: string;
  readonly policy: Policy;
  readonly kept: readonly NamedNote[];
};

type Found = {
  readonly proof: TlogProof;
  readonly checked: CheckedCheckpoint;
  readonly leaf: Leaf;
};

/** Verifies a receipt by itself: whoever holds it needs neither the log nor the house. */
export function verifyReceipt(receipt: ReceiptToVerify): ReceiptVerdict {
  const { path } = receipt;
  try {
    const proof = parseTlogProof(receipt.bytes);
    const checked = checkPolicy(receipt.policy, proof.checkpoint);
    const leaf = provedLeaf(proof, checked);
    return verdictOf({ proof, checked, leaf }, receipt);
  } catch (error) {
    if (!(error instanceof MerkleError || error instanceof EvidenceError)) throw error;
    const what = /^(?:note|checkpoint|policy|key)\./.test(error.code) ? 'checkpoint' : 'proof';
    const reason = `${error.message} [${error.code}]`;
    return {
      ok: false,
      origin: null,
      size: 0,
      checked: 0,
      faults: [{ what, index: null, reason, path }],
      faultCount: 1,
      checks: [],
      notProved: ['anything: this receipt does not hold'],
    };
  }
}

/** @throws MerkleError `tlog-proof.malformed`, `tlog-proof.not-included`; EvidenceError */
function provedLeaf({ extra, index, proof }: TlogProof, { checkpoint }: CheckedCheckpoint): Leaf {
  if (!extra) throw new MerkleError('tlog-proof.malformed', 'the proof holds no entry');
  const { origin, root, size } = checkpoint;
  if (!verifyInclusion({ index, size, leafHash: leafHash(extra), proof, root })) {
    const message = `its entry is not leaf ${index} of the tree of ${size}`;
    throw new MerkleError('tlog-proof.not-included', message);
  }
  const leaf = parseLeaf(extra);
  if (leaf.origin === origin && BigInt(leaf.index) === index) return leaf;
  throw new MerkleError('tlog-proof.malformed', 'its entry is of another log or index');
}

function verdictOf(found: Found, receipt: ReceiptToVerify): ReceiptVerdict {
  const { checked, leaf } = found;
  const { log, checkpoint, cosigners, quorumMet } = checked;
  const size = Number(checkpoint.size);
  const reason = `too few witnesses of the policy have cosigned: ${cosigners.length}`;
  const { path } = receipt;
  const faults: readonly Fault[] = [
    ...(quorumMet ? [] : [{ what: 'cosignature', index: size, reason, path } as const]),
    ...receipt.kept.flatMap((kept) => keptFault(kept, receipt.policy, checked)),
  ];
  const names = cosigners.map(({ name }) => name).join(', ');
  return {
    ok: faults.length === 0,
    origin: checkpoint.origin,
    size,
    checked: 1,
    faults,
    faultCount: faults.length,
    checks: [
      `the checkpoint of ${size} leaves: signed by ${log.name} (${log.keyId})`,
      ...(names === '' || !quorumMet ? [] : [`cosigned by ${names}`]),
      `that the entry is leaf ${leaf.index} of that tree`,
    ],
    notProved: [
      'that the log was not rewritten as a whole since, or is not shown to others otherwise: verify the ledger with this file as --kept',
      'what the event says: the entry binds it by its hash, and a pack shows it',
      'that what was recorded is true, and that the time in the entry is right: it is the house that wrote it',
    ],
    leaf,
  };
}

/** One receipt shows one tree only: what somebody kept must be that very one. */
function keptFault(
  { path, note }: NamedNote,
  policy: Policy,
  { checkpoint }: CheckedCheckpoint,
): readonly Fault[] {
  const fault = (index: number | null, reason: string): readonly Fault[] => [
    { what: 'kept', index, reason, path },
  ];
  try {
    const kept = checkPolicy(policy, note).checkpoint;
    const size = Number(kept.size);
    if (kept.size !== checkpoint.size || kept.origin !== checkpoint.origin) {
      return fault(
        size,
        'a receipt leads to no other checkpoint than its own, so this kept one cannot be held against it. That says nothing against the house; verify the ledger',
      );
    }
    if (Buffer.compare(kept.root, checkpoint.root) === 0) return [];
    return fault(
      size,
      `another root was signed for ${size} leaves: history was rewritten or forked`,
    );
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    return fault(null, `a kept checkpoint cannot be trusted: ${error.message} [${error.code}]`);
  }
}
