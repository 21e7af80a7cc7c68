import { readFileSync } from 'node:fs';
import {
  MerkleError,
  parsePolicy,
  parseTlogProof,
  parseVerifierKey,
  policyOfLog,
  type Policy,
} from '#merkle';
import { UsageError } from '../exit-status.js';

const TLOG_PROOF_START = 'c2sp.org/tlog-proof@v1\n';

export type TrustOptions = {
  readonly policy?: string;
  readonly vkey?: string;
  readonly kept?: readonly string[];
};

/**
 * Whom the caller trusts; undefined when nothing was said. Keys never come from what is verified.
 * @throws UsageError `usage.bad-policy`, `usage.bad-key`, `usage.two-policies`, `usage.unreadable`
 */
export function policyGiven({ policy, vkey }: TrustOptions): Policy | undefined {
  if (policy !== undefined && vkey !== undefined) {
    throw new UsageError('usage.two-policies', 'give --policy or --vkey, not both');
  }
  if (policy !== undefined) {
    return parsed('usage.bad-policy', policy, () => parsePolicy(fileOf(policy)));
  }
  if (vkey === undefined) return undefined;
  return parsed('usage.bad-key', '--vkey', () => policyOfLog(parseVerifierKey(vkey)));
}

/**
 * The signed checkpoints in these files: each a note, or a `.tlog-proof`, as complainants hold them.
 * @throws UsageError `usage.unreadable`, `usage.bad-kept`
 */
export function keptNotes({ kept = [] }: TrustOptions): readonly string[] {
  return kept.map((path) => {
    const text = fileOf(path);
    if (!text.startsWith(TLOG_PROOF_START)) return text;
    return parsed('usage.bad-kept', path, () => parseTlogProof(text).checkpoint);
  });
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError('usage.unreadable', `${path} cannot be read: ${code ?? 'unknown'}`);
  }
}

function parsed<Result>(code: `usage.${string}`, what: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MerkleError)) throw error;
    throw new UsageError(code, `${what}: ${error.message}`);
  }
}
