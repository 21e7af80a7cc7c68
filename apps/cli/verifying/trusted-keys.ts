import { readFileSync } from 'node:fs';
import { readCheckpoint } from '#ledger';
import {
  MerkleError,
  parsePolicy,
  parseTlogProof,
  parseVerifierKey,
  policyOfLog,
  type Policy,
} from '#merkle';
import { UsageError } from '../exit-status.js';

/** How every C2SP tlog-proof begins. */
export const TLOG_PROOF_START = 'c2sp.org/tlog-proof@v1\n';

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
    const named = parsed('usage.bad-policy', policy, () => parsePolicy(bytesOf(policy)));
    if (named.logs.length > 0) return named;
    throw new UsageError('usage.bad-policy', `${policy}: it names no log to trust`);
  }
  if (vkey === undefined) return undefined;
  return parsed('usage.bad-key', '--vkey', () => policyOfLog(parseVerifierKey(vkey)));
}

/** A file that somebody kept, and the signed note in it. */
export type KeptNote = { readonly path: string; readonly note: string };

/**
 * The signed checkpoints in these files: each a note, or a `.tlog-proof`, as complainants hold them.
 * Whoever gave a file that is neither has given the wrong one; who signed it is for the verifier.
 * @throws UsageError `usage.unreadable`, `usage.bad-kept`
 */
export function keptNotes({ kept = [] }: TrustOptions): readonly KeptNote[] {
  return kept.map((path) => {
    const text = bytesOf(path).toString('utf8');
    return parsed('usage.bad-kept', path, () => {
      const note = text.startsWith(TLOG_PROOF_START) ? parseTlogProof(text).checkpoint : text;
      return { path, note: readCheckpoint(note).note };
    });
  });
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
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
