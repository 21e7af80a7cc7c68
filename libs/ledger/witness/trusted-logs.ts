import { MerkleError, parsePolicy, parseVerifierKey, type VerifierKey } from '#merkle';

/** Nothing says which logs are to be witnessed, or what says it cannot be read. */
export class TrustedLogsRefused extends Error {
  override readonly name = 'TrustedLogsRefused';
  readonly code = 'usage.logs-refused';
}

/**
 * The keys of the logs that a witness trusts: those of a policy's `log` lines (C2SP tlog-policy; its
 * witnesses and quorum say nothing here) and those given one by one as vkeys.
 *
 * @throws TrustedLogsRefused when there is none, or one cannot be read.
 */
export function trustedLogs({
  policy,
  vkeys,
}: {
  readonly policy?: string | Uint8Array | undefined;
  readonly vkeys: readonly string[];
}): readonly VerifierKey[] {
  try {
    const named = policy === undefined ? [] : parsePolicy(policy).logs.map(({ key }) => key);
    const given = vkeys.map((vkey) => parseVerifierKey(vkey));
    const logs = [...named, ...given.filter((key) => !named.some((one) => isSame(one, key)))];
    if (logs.length > 0) return logs;
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    throw new TrustedLogsRefused(`the logs to witness: ${cause.message}`, { cause });
  }
  throw new TrustedLogsRefused('no log to witness: name one by a policy file or by its vkey');
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return one.name === other.name && one.keyId === other.keyId;
}
