import type { Checkpoint } from './checkpoint.js';
import type { VerifierKey } from './keys.js';

export type PolicyLog = { readonly key: VerifierKey; readonly url?: string };

export type PolicyWitness = {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url?: string;
};

/** Who must have cosigned: nobody, a witness, or so many of the members. */
export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly witness: PolicyWitness }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Quorum[] };

/** Whom a verifier trusts (C2SP tlog-policy). */
export type Policy = {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
};

export type Cosigner = {
  /** The witness's name in the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** When it cosigned; the latest where it did twice. */
  readonly unixSeconds: bigint;
};

export type CheckedCheckpoint = {
  readonly log: VerifierKey;
  readonly checkpoint: Checkpoint;
  readonly cosigners: readonly Cosigner[];
  readonly quorumMet: boolean;
};
