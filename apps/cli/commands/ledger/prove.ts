import type { Command } from 'commander';
import { LedgerError, LedgerFolder, proveEvent } from '#ledger';
import { isUuid } from '#kernel';
import { outputFile, writeDurably } from '../../durable-file.js';
import { UsageError } from '../../exit-status.js';
import { commandOf, configurationOf, withStores, type CommonOptions } from '../../options.js';
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
  const file = options.output === undefined ? undefined : outputFile(options.output);
  const { index, checkpoint, tlogProof } = await proved(
    new LedgerFolder(ledger.directory),
    id,
    options,
  );
  if (file !== undefined) writeDurably(file, tlogProof);
  const place = { eventId: id, index: Number(index), size: Number(checkpoint.size) };
  if (options.json) printJson({ ...place, ...(file === undefined ? { tlogProof } : { file }) });
  else if (file === undefined) print(tlogProof.trimEnd());
  else print(`leaf ${index} of ${checkpoint.size}: ${file}`);
}

async function proved(folder: LedgerFolder, eventId: string, options: ProveOptions) {
  try {
    return await proveEvent(folder, eventId);
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'ledger.not-covered')) throw error;
    const signed = await folder.checkpoint();
    const unsigned = await eventsBeyond(Number(signed?.size ?? 0n), options);
    const advice =
      unsigned > 0
        ? `${unsigned} events are not signed yet, and \`redress ledger checkpoint\` signs them`
        : 'all events of the log are signed, so it has none with this id';
    throw new UsageError('ledger.not-covered', `${error.message}: ${advice}`);
  }
}

async function eventsBeyond(size: number, options: ProveOptions): Promise<number> {
  return await withStores(options, 'read', async ({ eventStore }) => {
    const head = await eventStore.head();
    return head === undefined ? 0 : (await eventStore.countUpTo(head)) - size;
  });
}
