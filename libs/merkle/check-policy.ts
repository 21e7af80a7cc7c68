import { MerkleError } from './merkle-error.js';
import type { VerifierKey } from './keys.js';
import { openCheckpoint } from './open-note.js';
import type { Cosigned } from './open-note.js';
import type { CheckedCheckpoint, Cosigner, Policy, PolicyWitness, Quorum } from './policy.js';

/** The policy of someone who knows one log and asks for no witness. */
export function policyOfLog(key: VerifierKey): Policy {
  return { logs: [{ key }], witnesses: [], quorum: { kind: 'none' } };
}

/**
 * Checks a signed checkpoint against a policy (C2SP tlog-policy). Throws as `openCheckpoint`, and
 * `policy.log-unknown` where no log of the policy with the checkpoint's origin as its name has
 * signed. A missing quorum is told, not thrown: the caller says what then.
 */
export function checkPolicy(policy: Policy, note: string | Uint8Array): CheckedCheckpoint {
  const keys = [...policy.logs, ...policy.witnesses].map(({ key }) => key);
  const { checkpoint, verified, cosigned } = openCheckpoint(note, keys);
  const log = policy.logs.find(
    ({ key }) => key.name === checkpoint.origin && verified.includes(key),
  );
  if (log === undefined) {
    throw new MerkleError('policy.log-unknown', 'no log of the policy has signed the checkpoint');
  }
  const cosigners = policy.witnesses.flatMap((witness) => cosignerOf(witness, cosigned));
  // By key: two names of other octets may be shown alike.
  const by = new Set(cosigners.map(({ key }) => key));
  return { log: log.key, checkpoint, cosigners, quorumMet: isMet(policy.quorum, by) };
}

function cosignerOf({ name, key }: PolicyWitness, cosigned: readonly Cosigned[]): Cosigner[] {
  const times = cosigned.filter((one) => one.key === key).map(({ unixSeconds }) => unixSeconds);
  const [first, ...rest] = times;
  if (first === undefined) return [];
  const latest = rest.reduce((most, time) => (time > most ? time : most), first);
  return [{ name, key, unixSeconds: latest }];
}

function isMet(quorum: Quorum, cosigners: ReadonlySet<VerifierKey>): boolean {
  switch (quorum.kind) {
    case 'none':
      return true;
    case 'witness':
      return cosigners.has(quorum.witness.key);
    case 'group': {
      const met = quorum.members.filter((member) => isMet(member, cosigners));
      return met.length >= quorum.threshold;
    }
  }
}
