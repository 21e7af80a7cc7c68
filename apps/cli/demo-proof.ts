import type { Verdict } from '#evidence';
import { readKeyFile } from '#ledger';
import { InvariantBroken } from '#kernel';
import { formatVerifierKey, policyOfLog, verifierKeyOf } from '#merkle';
import type { Configuration } from '#wiring';
import { checkpointOf } from './commands/ledger/checkpoint.js';
import { print } from './output.js';
import { startProgress } from './progress.js';
import { verifyStore, withLogOf } from './verifying/verify-store.js';

/** The signed head of a demonstration's log, and what verifying all of it found. */
export type DemoProof = {
  /** The signed note, as anybody may keep it. */
  readonly checkpoint: string;
  readonly vkey: string;
  readonly verdict: Verdict;
};

/** Signs the log and verifies every event against it; undefined when the ledger is off. */
export async function proveDemo(configuration: Configuration): Promise<DemoProof | undefined> {
  const { ledger, dataDir, origin } = configuration;
  if (ledger.kind === 'off') return undefined;
  const { note: checkpoint } = await checkpointOf(configuration);
  const signer = await readKeyFile(ledger.keyFile, origin);
  if (!signer) throw new InvariantBroken('what was signed was signed with a key');
  const key = verifierKeyOf(signer);
  const bar = startProgress('verifying the log');
  try {
    const verdict = await verifyStore((work) => withLogOf(dataDir, work), ledger.directory, {
      policy: policyOfLog(key),
      onProgress: ({ checked, total }) => bar.update(checked, total),
    });
    return { checkpoint, vkey: formatVerifierKey(key), verdict };
  } finally {
    bar.stop();
  }
}

/** The checkpoint to keep, and how to verify again. */
export function showDemoProof({ checkpoint, vkey, verdict }: DemoProof, where: string): void {
  const { ok, checked, faultCount } = verdict;
  const found = ok ? 'every one as it was signed' : `${faultCount} faults found`;
  print(
    `\nThe log verified: ${checked.toLocaleString('en-US')} events, ${found}. Its checkpoint:\n`,
  );
  print(indented(checkpoint.trimEnd()));
  print(`\n  key ${vkey}`);
  print(
    '\n  Keep both elsewhere: with them, any later change is found (docs/verify-it-yourself.md).',
  );
  print(`  npx redress ledger verify ${where}`);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
