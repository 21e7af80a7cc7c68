import { readFile } from 'node:fs/promises';
import { takeWriterLock } from '#event-store/sqlite';
import { startWitness, trustedLogs, type RunningWitness } from '#ledger/witness';
import { ConfigurationInvalid, SystemClock, SystemRandomness } from '#wiring';
import type { WitnessSettings } from './witness-settings.js';

/** Where log lines go: standard error unless said. */
export type WriteText = (text: string) => void;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Starts the witness that settings describe.
 *
 * @throws ConfigurationInvalid (the file of logs), TrustedLogsRefused, StoreLocked when another process
 *   has the folder, and what {@link startWitness} throws. Nothing is left open then.
 */
export async function runWitness(
  settings: WitnessSettings,
  write: WriteText = (text) => process.stderr.write(text),
): Promise<RunningWitness & { readonly address: string }> {
  const { name, folder, host, port, vkeys, logsFile } = settings;
  const policy = logsFile === undefined ? undefined : await policyIn(logsFile);
  const witness = await startWitness({
    name,
    folder,
    host,
    port,
    logs: trustedLogs({ policy, vkeys }),
    lock: takeWriterLock,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    onMisbehaviour: ({ kind, ...found }) => {
      const line = { ...found, refusedSize: String(found.refusedSize) };
      writeLine(write, { level: 'error', what: `witness.${kind}`, ...line });
    },
    onFault: (error) => {
      const stack = error instanceof Error ? error.stack : 'a thing that is no error was thrown';
      writeLine(write, { level: 'error', what: 'witness', stack });
    },
  });
  return { ...witness, address: addressOf(witness) };
}

/** Ends cleanly at the first signal; resolves when everything is closed. A second one ends at once. */
export function untilSignal(witness: Pick<RunningWitness, 'close'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      for (const signal of SIGNALS) process.off(signal, stop).once(signal, () => process.exit(1));
      witness.close().then(resolve, reject);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}

function addressOf({ host, port }: RunningWitness): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function policyIn(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const problem = `the policy cannot be read (${code})`;
    throw new ConfigurationInvalid('REDRESS_WITNESS_POLICY_FILE', problem, { cause });
  }
}

/** One JSON object a line, as the logs of all processes here are. */
function writeLine(write: WriteText, line: Readonly<Record<string, string | undefined>>): void {
  write(`${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`);
}
