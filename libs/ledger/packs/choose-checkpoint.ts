import type { PublicLedger } from '#evidence';
import { checkPolicy, MerkleError, type Policy } from '#merkle';
import { readCheckpoint, type SignedCheckpoint } from '../signed-checkpoint.js';
import { CHECKPOINT_PATH, COSIGNED_PATH } from '../tiles/ledger-folder.js';

/**
 * The checkpoint that a pack is made for: the latest; with a policy, the latest of those whose
 * quorum of witnesses it meets, as long as it covers `sizeMin` leaves. Undefined when none does.
 */
export async function chooseCheckpoint(
  ledger: PublicLedger,
  sizeMin: bigint,
  policy: Policy | undefined,
): Promise<SignedCheckpoint | undefined> {
  const found: SignedCheckpoint[] = [];
  for (const path of [CHECKPOINT_PATH, COSIGNED_PATH]) {
    const bytes = await ledger.read(path);
    if (bytes) found.push(readCheckpoint(Buffer.from(bytes).toString('utf8')));
  }
  const covering = found
    .filter(({ size }) => size >= sizeMin)
    .toSorted((a, b) => (a.size === b.size ? 0 : a.size < b.size ? 1 : -1));
  const witnessed = policy && covering.find(({ note }) => meets(policy, note));
  return witnessed ?? covering[0];
}

/** A note that this policy knows no key for is not worse than one without cosignatures. */
function meets(policy: Policy, note: string): boolean {
  try {
    return checkPolicy(policy, note).quorumMet;
  } catch (error) {
    if (error instanceof MerkleError) return false;
    throw error;
  }
}
