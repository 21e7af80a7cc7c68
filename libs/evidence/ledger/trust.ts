import { checkPolicy, MerkleError, type CheckedCheckpoint, type Policy } from '#merkle';
import { maybeTextOf } from '../bytes.js';
import type { FaultKind } from '../verdict.js';

/** Trees beyond this size are not read: the levels above the leaves are held in memory. */
export const LEDGER_SIZE_MAX = 1_000_000_000;

export type Trusted =
  | (CheckedCheckpoint & {
      readonly ok: true;
      readonly size: number;
      /** Size and root as the note has them. */
      readonly note: string;
    })
  | { readonly ok: false; readonly what: FaultKind; readonly reason: string };

/** Opens a signed checkpoint with the keys of the policy; what is wrong with it is told. */
export function trustedCheckpoint(note: string | Uint8Array, policy: Policy): Trusted {
  try {
    const checked = checkPolicy(policy, note);
    const { size } = checked.checkpoint;
    if (size > BigInt(LEDGER_SIZE_MAX)) {
      const reason = `it is of a tree of ${size} leaves; this verifier reads ${LEDGER_SIZE_MAX}`;
      return { ok: false, what: 'checkpoint', reason };
    }
    // What was opened is well-formed; nothing of it may be left out, or a proof's copy would differ.
    const text = typeof note === 'string' ? note : (maybeTextOf(note) ?? '');
    return { ...checked, ok: true, size: Number(size), note: text };
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    const what = error.code.startsWith('key.') ? 'key' : 'checkpoint';
    return { ok: false, what, reason: `it cannot be trusted: ${error.message} [${error.code}]` };
  }
}

/** Who cosigned, in words; empty when nobody did whom the policy knows. */
export function cosignersInWords({ cosigners }: Pick<CheckedCheckpoint, 'cosigners'>): string {
  return cosigners
    .map(
      ({ name, unixSeconds }) =>
        `${name} at ${new Date(Number(unixSeconds) * 1_000).toISOString()}`,
    )
    .join(', ');
}
