import { accessSync, constants } from 'node:fs';
import type { Fault, NamedNote, TimeToken } from '#evidence';
import type { LedgerFolder } from '#ledger';
import { TimeTokenNotVerified, verifyTimeToken } from '#ledger/witness';
import { UsageError } from '../exit-status.js';
import { sizesIn } from './notes-beside.js';

/** Tokens that are checked, the latest; each takes a run of openssl. */
const TOKENS_MAX = 1_000;

export type CheckedTokens = {
  /** Notes that an authority vouches for: outside memory, like kept checkpoints. */
  readonly notes: readonly NamedNote[];
  readonly faults: readonly Fault[];
  /** What to say of tokens that were not checked. */
  readonly unchecked?: string;
};

/** @throws UsageError `usage.unreadable`, whether there are tokens to check or not */
export function refuseUnreadable(caFile: string | undefined): void {
  if (caFile === undefined) return;
  try {
    accessSync(caFile, constants.R_OK);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new UsageError('usage.unreadable', `--time-ca ${caFile} cannot be read: ${code}`);
  }
}

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
  const notes: NamedNote[] = [];
  const faults: Fault[] = [];
  for (const { size, note, token } of tokens.slice(-TOKENS_MAX)) {
    const outcome = await outcomeOf({ note, token, caFile });
    if (outcome === 'no-openssl') return unchecked('openssl is not there');
    if (outcome === 'valid') notes.push({ path: `time/${size}.note`, note });
    else faults.push(faultOf(size, 'no authority of these certificates gave it for its note'));
  }
  const left = tokens.length - TOKENS_MAX;
  if (left <= 0) return { notes, faults };
  return {
    notes,
    faults,
    unchecked: `the first ${left} of ${tokens.length} time tokens: not checked, the latest ${TOKENS_MAX} were`,
  };
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

function faultOf(size: number, reason: string): Fault {
  return { what: 'time-token', index: size, reason, path: `time/${size}.tsr` };
}

/** The tokens in a ledger's folder, and those that lack what they are over. */
export async function tokensInFolder(
  folder: LedgerFolder,
): Promise<{ readonly tokens: readonly TimeToken[]; readonly faults: readonly Fault[] }> {
  const tokens: TimeToken[] = [];
  const faults: Fault[] = [];
  for (const size of await sizesIn(folder.directory, 'tsr')) {
    const token = await folder.read(`time/${size}.tsr`);
    const note = await folder.read(`time/${size}.note`);
    if (token && note) tokens.push({ size, note, token });
    // The note is written first, so this is no server that has not come so far.
    else if (token) faults.push(faultOf(size, 'its note is missing: a token alone says nothing'));
  }
  return { tokens, faults };
}
