import { verifyLedger } from '#evidence';
import { LedgerFolder } from '#ledger';
import { parseVerifierKey, policyOfLog } from '#merkle';

/** Verifies a folder in a process of its own, so that its memory is that of verifying alone. */
const [directory = '', vkey = ''] = process.argv.slice(2);
const startedAtMs = performance.now();
const cpuAtStart = process.cpuUsage();
const verdict = await verifyLedger(new LedgerFolder(directory), {
  policy: policyOfLog(parseVerifierKey(vkey)),
});
const { user, system } = process.cpuUsage(cpuAtStart);
const measured = {
  ok: verdict.ok,
  checked: verdict.checked,
  seconds: (performance.now() - startedAtMs) / 1_000,
  cpuSeconds: (user + system) / 1e6,
  memoryMaxMb: process.resourceUsage().maxRSS / 1_000,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
