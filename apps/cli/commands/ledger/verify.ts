import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import {
  timeTokensOf,
  verifyLedger,
  verifyPack,
  type NamedNote,
  type Verdict,
  type VerifyOptions,
} from '#evidence';
import { HttpLedger, LedgerFolder } from '#ledger';
import type { Policy } from '#merkle';
import { EXIT, UsageError } from '../../exit-status.js';
import {
  commandOf,
  configurationOf,
  gather,
  withStores,
  type CommonOptions,
} from '../../options.js';
import { printJson } from '../../output.js';
import { startProgress } from '../../progress.js';
import { notesBeside } from '../../verifying/notes-beside.js';
import { printVerdict } from '../../verifying/print-verdict.js';
import {
  checkTimeTokens,
  refuseUnreadable,
  tokensInFolder,
  type CheckedTokens,
} from '../../verifying/time-tokens.js';
import { keptNotes, policyGiven } from '../../verifying/trusted-keys.js';
import { verifyReceipt } from '../../verifying/verify-receipt.js';
import {
  ledgerPlacesIn,
  ledgerPlacesOf,
  OWN_KEY_WARNING,
  ownPolicy,
  verifyStore,
  withLogOf,
  type CheckedLog,
} from '../../verifying/verify-store.js';
import { targetOf, type VerifyTarget } from '../../verifying/verify-target.js';

type LedgerVerifyOptions = CommonOptions & {
  readonly policy?: string;
  readonly vkey?: string;
  readonly kept?: readonly string[];
  readonly timeCa?: string;
};

/** A pack or receipt is read into memory as a whole. */
const FILE_SIZE_MAX_BYTES = 1_000_000_000;
/** What a URL does not list. */
const NOT_LISTED =
  'the checkpoints of earlier days and the time tokens: a URL does not list them, a copy of the folder has them';

export function ledgerVerifyCommand(): Command {
  return commandOf(
    'verify',
    'Verifies a store, a ledger, a pack or a receipt, and says what that does not prove.',
  )
    .argument(
      '[target]',
      'folder of a store or ledger, URL of a ledger, a pack, a .tlog-proof (default: the store)',
    )
    .option('--policy <file>', 'whom to trust: logs, witnesses and quorum (tlog-policy)')
    .option('--vkey <vkey>', 'whom to trust: the verifier key of the log')
    .option('--kept <file>', 'a checkpoint or .tlog-proof kept from earlier; several times', gather)
    .option('--time-ca <file>', 'certificates of the time authority (PEM), to check time tokens')
    .action(verify);
}

async function verify(text: string | undefined, options: LedgerVerifyOptions): Promise<void> {
  const startedAt = Date.now();
  refuseUnreadable(options.timeCa);
  const verdict = await verdictOf(targetOf(text), options);
  const seconds = (Date.now() - startedAt) / 1_000;
  if (!verdict.ok) process.exitCode = EXIT.found;
  if (options.json) printJson({ ...verdict, seconds });
  else printVerdict(verdict, seconds);
}

async function verdictOf(target: VerifyTarget, options: LedgerVerifyOptions): Promise<Verdict> {
  switch (target.kind) {
    case 'store':
      return storeVerdict(target, options);
    case 'folder':
      return folderVerdict(target.directory, options);
    case 'url': {
      const token = process.env['LEDGER_TOKEN'];
      const ledger = new HttpLedger(target.url, token ? { token } : {});
      const given = { policy: trusted(options), kept: keptNotes(options) };
      const verdict = await withProgress((onProgress) =>
        verifyLedger(ledger, { ...given, onProgress }),
      );
      return { ...verdict, notProved: [...verdict.notProved, NOT_LISTED] };
    }
    case 'pack':
      return packVerdict(target.file, options);
    case 'receipt': {
      const given = { policy: trusted(options), kept: keptNotes(options) };
      const path = target.file;
      return verifyReceipt({ bytes: bytesOf(path), path, ...given });
    }
  }
}

/** @throws UsageError `usage.no-policy`: a key that came with what it signs proves nothing. */
function trusted(options: LedgerVerifyOptions): Policy {
  const policy = policyGiven(options);
  if (policy) return policy;
  throw new UsageError('usage.no-policy', 'say whom to trust, by --policy FILE or --vkey VKEY');
}

async function storeVerdict(
  target: Extract<VerifyTarget, { readonly kind: 'store' }>,
  options: LedgerVerifyOptions,
): Promise<Verdict> {
  const given = policyGiven(options);
  const common = target.dataDir === undefined ? options : { ...options, dataDir: target.dataDir };
  const configuration = configurationOf(common);
  const places =
    target.dataDir === undefined
      ? ledgerPlacesOf(configuration)
      : ledgerPlacesIn(configuration.dataDir);
  const policy = given ?? (await ownPolicy(places, configuration.origin));
  const isFolder = target.dataDir !== undefined || !configuration.servers;
  const withLog = <Result>(work: (log: CheckedLog) => Promise<Result>): Promise<Result> =>
    isFolder
      ? withLogOf(configuration.dataDir, work)
      : withStores(options, 'read', ({ eventStore }) =>
          work({ events: () => eventStore.readAll() }),
        );
  const verdict = await withNotes(places.directory, options, (notes) =>
    withProgress((onProgress) =>
      verifyStore(withLog, places.directory, { policy, ...notes, onProgress }),
    ),
  );
  if (given) return verdict;
  return { ...verdict, notProved: [OWN_KEY_WARNING, ...verdict.notProved] };
}

async function folderVerdict(directory: string, options: LedgerVerifyOptions): Promise<Verdict> {
  const policy = trusted(options);
  const ledger = new LedgerFolder(directory);
  return withNotes(directory, options, (notes) =>
    withProgress((onProgress) => verifyLedger(ledger, { policy, ...notes, onProgress })),
  );
}

type Notes = { readonly kept: readonly NamedNote[]; readonly beside: readonly NamedNote[] };

/**
 * All signed checkpoints that are at hand: those with a valid time token are outside memory, as kept
 * ones are; the others that lie in the folder show what the house has signed.
 */
async function withNotes(
  directory: string,
  options: LedgerVerifyOptions,
  work: (notes: Notes) => Promise<Verdict>,
): Promise<Verdict> {
  const given = keptNotes(options);
  const folder = new LedgerFolder(directory);
  const found = await tokensInFolder(folder);
  const checked = await checkTimeTokens(found.tokens, options.timeCa);
  const { notes, unread } = await notesBeside(folder);
  const vouched = new Set(checked.notes.map(({ path }) => path));
  const beside = notes.filter(({ path }) => !vouched.has(path));
  const verdict = await work({ kept: [...given, ...checked.notes], beside });
  const findings = { ...checked, faults: [...found.faults, ...checked.faults] };
  const judged = withFindings(verdict, findings);
  if (unread === 0) return judged;
  const left = `the first ${unread} notes in time/: not read, as they are too many`;
  return { ...judged, notProved: [...judged.notProved, left] };
}

async function packVerdict(file: string, options: LedgerVerifyOptions): Promise<Verdict> {
  const policy = trusted(options);
  const given = keptNotes(options);
  const bytes = bytesOf(file);
  const tokens = await checkTimeTokens(timeTokensOf(bytes), options.timeCa);
  return withFindings(verifyPack(bytes, { policy, kept: [...given, ...tokens.notes] }), tokens);
}

/** @throws UsageError `usage.bad-target` */
function bytesOf(file: string): Uint8Array {
  if (statSync(file).size <= FILE_SIZE_MAX_BYTES) return readFileSync(file);
  const reason = `a file to verify has at most ${FILE_SIZE_MAX_BYTES} bytes`;
  throw new UsageError('usage.bad-target', reason);
}

function withFindings(verdict: Verdict, { faults, notes, unchecked }: CheckedTokens): Verdict {
  return {
    ...verdict,
    ok: verdict.ok && faults.length === 0,
    faults: [...verdict.faults, ...faults],
    faultCount: verdict.faultCount + faults.length,
    checks: [
      ...verdict.checks,
      ...(notes.length === 0 ? [] : [`${notes.length} time tokens, by openssl`]),
    ],
    notProved: [...verdict.notProved, ...(unchecked === undefined ? [] : [unchecked])],
  };
}

async function withProgress<Result>(
  work: (onProgress: NonNullable<VerifyOptions['onProgress']>) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress('verifying');
  try {
    return await work(({ checked, total }) => progress.update(checked, total));
  } finally {
    progress.stop();
  }
}
