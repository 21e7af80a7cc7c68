import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault, TimeToken } from '#evidence';
import { TimeTokenNotVerified, verifyTimeToken } from '#ledger/witness';
import { UsageError } from '../exit-status.js';

/** Tokens that are checked, the latest; each takes a run of openssl. */
const TOKENS_MAX = 100;

export type CheckedTokens = {
  /** Notes that an authority vouches for: outside memory, like kept checkpoints. */
  readonly notes: readonly string[];
  readonly faults: readonly Fault[];
  /** What to say when tokens could not be checked. */
  readonly unchecked?: string;
};

/** Checks tokens with openssl and the certificates of their authority, where these are given. */
export async function checkTimeTokens(
  tokens: readonly TimeToken[],
  caFile: string | undefined,
): Promise<CheckedTokens> {
  if (tokens.length === 0) return { notes: [], faults: [] };
  const unchecked = (why: string): CheckedTokens => ({
    notes: [],
    faults: [],
    unchecked: `${tokens.length} time tokens: not checked, ${why}`,
  });
  if (caFile === undefined) return unchecked('give the certificates by --time-ca');
  const notes: string[] = [];
  const faults: Fault[] = [];
  for (const { size, note, token } of tokens.slice(-TOKENS_MAX)) {
    const outcome = await outcomeOf({ note, token, caFile });
    if (outcome === 'no-openssl') return unchecked('openssl is not there');
    if (outcome === 'valid') notes.push(Buffer.from(note).toString('utf8'));
    else faults.push(invalid(size));
  }
  return { notes, faults };
}

async function outcomeOf(asked: {
  readonly note: Uint8Array;
  readonly token: Uint8Array;
  readonly caFile: string;
}): Promise<'valid' | 'invalid' | 'no-openssl'> {
  try {
    return await verifyTimeToken(asked);
  } catch (error) {
    if (!(error instanceof TimeTokenNotVerified)) throw error;
    throw new UsageError('usage.unreadable', error.message);
  }
}

function invalid(size: number): Fault {
  const reason = 'no authority of these certificates gave this token for this note';
  return { what: 'time-token', index: size, reason, path: `time/${size}.tsr` };
}

/** The tokens in a ledger's folder. */
export async function tokensInFolder(directory: string): Promise<readonly TimeToken[]> {
  const folder = join(directory, 'time');
  const sizes = (await namesIn(folder))
    .flatMap((name) => /^(\d{1,15})\.tsr$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
  const tokens: TimeToken[] = [];
  for (const size of sizes.slice(-TOKENS_MAX)) {
    const note = await readFile(join(folder, `${size}.note`));
    tokens.push({ size, note, token: await readFile(join(folder, `${size}.tsr`)) });
  }
  return tokens;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
