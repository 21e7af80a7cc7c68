import { resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../exit-status.js';
import { gather, wholeNumber } from '../../options.js';
import { print, printJson } from '../../output.js';

type WitnessCommandOptions = {
  readonly name: string;
  readonly state: string;
  readonly logs?: string;
  readonly log?: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly json?: true;
};

const PORT_MAX = 65_535;
const PORT_DEFAULT = 3_010;

/** `redress ledger witness`: needs no store; whoever wants to witness somebody's log starts it. */
export function ledgerWitnessCommand(): Command {
  return new Command('witness')
    .description('A witness: remembers the last checkpoint of logs, and cosigns what extends it.')
    .requiredOption('--name <name>', 'name of its key, best an address: witness.example.org/w1')
    .requiredOption('--state <dir>', 'folder of its key and of what it cosigned; made when missing')
    .option('--logs <file>', 'policy file (tlog-policy) whose log lines name the logs to witness')
    .option('--log <vkey>', 'a log to witness, by its vkey; may be given several times', gather)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port; 0 lets the system choose', wholeNumber(0, PORT_MAX), PORT_DEFAULT)
    .option('--json', 'its address and vkey as one JSON object on stdout')
    .action(witness);
}

async function witness(options: WitnessCommandOptions): Promise<void> {
  const { name, state, logs, log = [], host, port, json } = options;
  if (logs === undefined && log.length === 0) {
    throw new UsageError('usage.no-logs', 'name the logs to witness by --logs FILE or --log VKEY');
  }
  // What it needs is loaded only where a witness is wanted.
  const { runWitness, untilSignal } = await import('../../../witness/index.js');
  const logsFile = logs === undefined ? {} : { logsFile: resolve(logs) };
  const settings = { name, folder: resolve(state), ...logsFile, vkeys: log, host, port };
  const running = await runWitness(settings);
  const { address, vkey } = running;
  if (json) printJson({ address, vkey });
  else print(`The witness listens on ${address}\n${vkey}`);
  await untilSignal(running);
}
