import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import {
  timeTokensOf,
  verifyLedger,
  verifyPack,
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
import { printVerdict } from '../../verifying/print-verdict.js';
import { checkTimeTokens, tokensInFolder } from '../../verifying/time-tokens.js';
import { keptNotes, policyGiven } from '../../verifying/trusted-keys.js';
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

/** A pack is read into memory as a whole. */
const PACK_SIZE_MAX_BYTES = 1_000_000_000;

export function ledgerVerifyCommand(): Command {
  return commandOf(
    'verify',
    'Verifies a store, a ledger or a pack, and says what that does not prove.',
  )
    .argument(
      '[target]',
      'folder of a store or ledger, URL of a ledger, or a pack (default: the store)',
    )
    .option('--policy <file>', 'whom to trust: logs, witnesses and quorum (tlog-policy)')
    .option('--vkey <vkey>', 'whom to trust: the verifier key of the log')
    .option('--kept <file>', 'a checkpoint or .tlog-proof kept from earlier; several times', gather)
    .option('--time-ca <file>', 'certificates of the time authority (PEM), to check time tokens')
    .action(verify);
}

async function verify(text: string | undefined, options: LedgerVerifyOptions): Promise<void> {
  const startedAt = Date.now();
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
      return withProgress((onProgress) => verifyLedger(ledger, { ...given, onProgress }));
    }
    case 'pack':
      return packVerdict(target.file, options);
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
  const verdict = await withTokens(places.directory, options, (kept) =>
    withProgress((onProgress) =>
      verifyStore(withLog, places.directory, { policy, kept, onProgress }),
    ),
  );
  if (given) return verdict;
  return { ...verdict, notProved: [OWN_KEY_WARNING, ...verdict.notProved] };
}

async function folderVerdict(directory: string, options: LedgerVerifyOptions): Promise<Verdict> {
  const policy = trusted(options);
  const ledger = new LedgerFolder(directory);
  return withTokens(directory, options, (kept) =>
    withProgress((onProgress) => verifyLedger(ledger, { policy, kept, onProgress })),
  );
}

/** Notes with a valid time token are outside memory, as kept checkpoints are. */
async function withTokens(
  directory: string,
  options: LedgerVerifyOptions,
  work: (kept: readonly string[]) => Promise<Verdict>,
): Promise<Verdict> {
  const kept = keptNotes(options);
  const tokens = await checkTimeTokens(await tokensInFolder(directory), options.timeCa);
  return withFindings(await work([...kept, ...tokens.notes]), tokens);
}

async function packVerdict(file: string, options: LedgerVerifyOptions): Promise<Verdict> {
  const policy = trusted(options);
  if (statSync(file).size > PACK_SIZE_MAX_BYTES) {
    throw new UsageError('usage.bad-target', `a pack has at most ${PACK_SIZE_MAX_BYTES} bytes`);
  }
  const bytes = readFileSync(file);
  const tokens = await checkTimeTokens(timeTokensOf(bytes), options.timeCa);
  const kept = [...keptNotes(options), ...tokens.notes];
  return withFindings(verifyPack(bytes, { policy, kept }), tokens);
}

function withFindings(
  verdict: Verdict,
  { faults, notes, unchecked }: Awaited<ReturnType<typeof checkTimeTokens>>,
): Verdict {
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
