import type { Command } from 'commander';
import { pause } from '#event-store/port';
import { buildPack, PackRefused, type BuiltPack } from '#ledger/packs';
import type { Configuration, Stores } from '#wiring';
import { outputFile, writeDurably } from '../../durable-file.js';
import { EXIT, UsageError } from '../../exit-status.js';
import {
  commandOf,
  configurationOf,
  gather,
  withStores,
  type CommonOptions,
} from '../../options.js';
import { note, print, printJson, sizeText } from '../../output.js';
import { keptNotes } from '../../verifying/trusted-keys.js';
import { checkpointOf, ledgerIsOff } from './checkpoint.js';

type PackOptions = CommonOptions & {
  readonly output: string;
  readonly withhold?: readonly string[];
  readonly only?: readonly string[];
  readonly kept?: readonly string[];
};

/** A server signs within a second; so long is waited for it. */
const SIGNED_WAIT_MS = 5_000;
const SIGNED_LOOK_MS = 100;

/** What the caller can mend. */
const WRONG_USE: readonly string[] = [
  'ledger.unknown-stream',
  'ledger.unknown-scope',
  'ledger.kept-unusable',
  'ledger.pack-too-large',
];
/** What somebody must look at: an event that is not as it was signed, a log that was forked. */
const FOUND: readonly string[] = ['ledger.event-differs', 'ledger.kept-differs'];

export function packCommand(): Command {
  return commandOf('pack', 'An evidence pack of a complaint, which anybody verifies without us.')
    .argument('<ref>', 'reference, id or stream of the complaint')
    .requiredOption('-o, --output <file>', 'the zip to write; its README calls it redress-REF.zip')
    .option(
      '--withhold <what>',
      'event type or revision to leave out, its proof stays; repeatable',
      gather,
    )
    .option('--only <type>', 'event type to show, all others are left out; repeatable', gather)
    .option(
      '--kept <file>',
      'checkpoint or .tlog-proof that somebody kept, to be linked to; repeatable',
      gather,
    )
    .action(pack);
}

async function pack(reference: string, options: PackOptions): Promise<void> {
  const configuration = configurationOf(options);
  if (configuration.ledger.kind === 'off') throw ledgerIsOff();
  const kept = keptNotes(options).map(({ note: text }) => text);
  const file = outputFile(options.output);
  try {
    const made = await packNow(options, configuration, { reference, kept });
    writeDurably(file, made.zip);
    tell(made, file, options);
  } catch (error) {
    if (!(error instanceof PackRefused)) throw error;
    if (WRONG_USE.includes(error.code)) throw new UsageError(error.code, error.message);
    if (!FOUND.includes(error.code)) throw error;
    note(`redress: ${error.message} [${error.code}]`);
    process.exitCode = EXIT.found;
  }
}

type Wanted = { readonly reference: string; readonly kept: readonly string[] };

/** What is signed far enough needs no signing; else it is signed here, or by the server that runs. */
async function packNow(
  options: PackOptions,
  configuration: Configuration,
  wanted: Wanted,
): Promise<BuiltPack> {
  const build = () =>
    withStores(options, 'read', (stores) => packFrom(stores, configuration, { options, wanted }));
  try {
    return await build();
  } catch (error) {
    if (!isNotYetSigned(error)) throw error;
  }
  await checkpointOf(configuration);
  const deadline = performance.now() + SIGNED_WAIT_MS;
  for (;;) {
    try {
      return await build();
    } catch (error) {
      if (!isNotYetSigned(error) || performance.now() > deadline) throw error;
      await pause(SIGNED_LOOK_MS, new AbortController().signal);
    }
  }
}

function isNotYetSigned(error: unknown): boolean {
  return error instanceof PackRefused && error.code === 'ledger.not-yet-signed';
}

async function packFrom(
  { eventStore }: Stores,
  configuration: Configuration,
  { options, wanted }: { readonly options: PackOptions; readonly wanted: Wanted },
): Promise<BuiltPack> {
  // What all processes share loads the web framework, which no other command needs.
  const { servedLedger } = await import('../../../contexts/index.js');
  const { VERSION } = await import('../../../process/index.js');
  const ledger = await servedLedger({ configuration, eventStore, version: VERSION });
  if (!ledger) throw ledgerIsOff();
  const subject = await ledger.subjectOf(wanted.reference);
  if (!subject) {
    const what = `there is no complaint ${wanted.reference} in this store`;
    throw new UsageError('complaint.not-lodged', what);
  }
  const { folder, documents, generator, policy, key } = ledger;
  return await buildPack(
    { eventStore, folder, documents, generator, policy, key: await key() },
    {
      ...subject,
      kept: wanted.kept,
      ...(options.withhold ? { withhold: options.withhold } : {}),
      ...(options.only ? { only: options.only } : {}),
    },
  );
}

function tell(made: BuiltPack, file: string, { json }: PackOptions): void {
  const { zip, origin, size, eventCount, withheld, documentCount, missingDocuments } = made;
  if (json) {
    const bytes = zip.length;
    printJson({
      file,
      bytes,
      origin,
      size,
      events: eventCount,
      withheld,
      documents: documentCount,
      missingDocuments,
    });
    return;
  }
  const shown = withheld.length === 0 ? '' : `, ${withheld.length} of them withheld`;
  print(
    `${file}: ${sizeText(zip.length)}, ${eventCount} events${shown}, ${documentCount} documents`,
  );
  if (missingDocuments.length > 0) {
    print(`documents that events name by their hash, not at hand: ${missingDocuments.length}`);
  }
  print(`checkpoint: ${origin} at ${size} entries. README.txt in it says how to verify it.`);
}
