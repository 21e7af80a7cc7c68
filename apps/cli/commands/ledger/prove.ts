import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LedgerError, LedgerFolder, proveEvent } from '#ledger';
import { isUuid } from '#kernel';
import { writeDurably } from '../../durable-file.js';
import { UsageError } from '../../exit-status.js';
import { commandOf, configurationOf, type CommonOptions } from '../../options.js';
import { print, printJson } from '../../output.js';
import { ledgerIsOff } from './checkpoint.js';

type ProveOptions = CommonOptions & { readonly output?: string };

export function proveCommand(): Command {
  return commandOf('prove', 'Proves that an event is in the signed log: a C2SP .tlog-proof.')
    .argument('<event-id>', 'id of the event')
    .option('-o, --output <file>', 'write the proof to a file instead of stdout')
    .action(prove);
}

async function prove(eventId: string, options: ProveOptions): Promise<void> {
  const { ledger } = configurationOf(options);
  if (ledger.kind === 'off') throw ledgerIsOff();
  const id = eventId.toLowerCase();
  if (!isUuid(id)) throw new UsageError('usage.event-id', `"${eventId}" is not the id of an event`);
  const { index, checkpoint, tlogProof } = await proved(new LedgerFolder(ledger.directory), id);
  const file = options.output === undefined ? undefined : resolve(options.output);
  if (file !== undefined) writeDurably(file, tlogProof);
  const place = { eventId: id, index: Number(index), size: Number(checkpoint.size) };
  if (options.json) printJson({ ...place, ...(file === undefined ? { tlogProof } : { file }) });
  else if (file === undefined) print(tlogProof.trimEnd());
  else print(`leaf ${index} of ${checkpoint.size}: ${file}`);
}

async function proved(folder: LedgerFolder, eventId: string) {
  try {
    return await proveEvent(folder, eventId);
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'ledger.not-covered')) throw error;
    throw new UsageError(
      'ledger.not-covered',
      `${error.message}: \`redress ledger checkpoint\` signs what is not signed yet`,
    );
  }
}
