import type { Command } from 'commander';
import { InvariantBroken, millisOf } from '#kernel';
import { COMPLAINTS_MAX, demonstrate, UNTIL_DAY_DEFAULT } from '#complaints/demonstration';
import type { Configuration, Stores } from '#wiring';
import { readConfiguration } from '#wiring';
import { prepareDemoFolder, writeDemoTokens, type SignIn } from '../demo-folder.js';
import { proveDemo, showDemoProof, type DemoProof } from '../demo-proof.js';
import { showDemo, showSignIns, whereOf, type DemoSummary } from '../demo-tour.js';
import { EXIT, UsageError } from '../exit-status.js';
import { instantOf } from '../moments.js';
import {
  commandOf,
  refuseServers,
  wholeNumber,
  withStores,
  type CommonOptions,
} from '../options.js';
import { note, print, printJson } from '../output.js';
import { startProgress } from '../progress.js';
import { catchUp, projectorOf, startProjector, withFoldProgress } from '../read-models.js';

type DemoOptions = CommonOptions & {
  readonly complaints: number;
  readonly seed: string;
  readonly until?: string;
  readonly exit?: true;
  readonly host?: string;
  readonly port?: number;
};

const COMPLAINTS_DEFAULT = 2_000;
const DATA_DIR_DEFAULT = '.redress/demo';
const PORT_MAX = 65_535;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function demoCommand(): Command {
  return commandOf(
    'demo',
    'A demonstration organisation in a store of its own: fill, verify, serve.',
  )
    .option('--complaints <n>', 'how many', wholeNumber(1, COMPLAINTS_MAX), COMPLAINTS_DEFAULT)
    .option('--seed <text>', 'the same seed tells the same stories', 'redress')
    .option('--until <day>', `last day of the eighteen months (default: ${UNTIL_DAY_DEFAULT})`)
    .option('--exit', 'stop after the summary instead of serving')
    .option('--host <address>', 'address to listen on (default: HOST or 127.0.0.1)')
    .option('--port <n>', 'port; 0 lets the system choose', wholeNumber(0, PORT_MAX))
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  if (options.until !== undefined) checkDay(options.until);
  const configuration = configurationOf(options);
  refuseServers(configuration, 'a demonstration has an embedded store of its own; unset it');
  const common: DemoOptions = { ...options, dataDir: configuration.dataDir };
  const signIns = await prepare(configuration);
  const startedAt = Date.now();
  const filled = await fill(common);
  const proof = await proveDemo(configuration);
  const summary: DemoSummary = {
    ...filled,
    seconds: (Date.now() - startedAt) / 1_000,
    ...(proof ? { checkpoint: proof.checkpoint } : {}),
  };
  if (isFaulty(summary, proof)) process.exitCode = EXIT.found;
  if (options.json) printJson(summary);
  else {
    const { dataDir } = configuration;
    await withStores(common, 'read', (stores) => showDemo(stores, summary, dataDir));
    if (proof) showDemoProof(proof, whereOf(dataDir));
  }
  if (options.exit) return;
  await serve(configuration, signIns, options);
}

function isFaulty(
  { differing, eventsMissing }: DemoSummary,
  proof: DemoProof | undefined,
): boolean {
  return differing > 0 || eventsMissing > 0 || proof?.verdict.ok === false;
}

/** Only a day that was asked for: the default must work whatever this machine's clock says. */
function checkDay(day: string): void {
  const isPast = DAY.test(day) && millisOf(instantOf(day)) - DAY_MS < Date.now();
  if (isPast) return;
  throw new UsageError('usage.bad-day', `--until ${day} is no day such as 2026-11-20 in the past`);
}

function configurationOf({ dataDir, host, port }: DemoOptions): Configuration {
  return readConfiguration(process.env, {
    dataDir: dataDir ?? process.env['REDRESS_DATA_DIR'] ?? DATA_DIR_DEFAULT,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
}

async function prepare({ dataDir }: Configuration): Promise<readonly SignIn[]> {
  await prepareDemoFolder(dataDir);
  return writeDemoTokens(dataDir);
}

async function fill(options: DemoOptions): Promise<Omit<DemoSummary, 'seconds'>> {
  const filled = await withStores(options, 'append', (stores, configuration) =>
    tellStories(stores, configuration, options),
  );
  const compared = await withStores(options, 'write', async (stores) => {
    await catchUp(stores, 'folding read models');
    return withFoldProgress('verifying', (progress) => projectorOf(stores).compare({ progress }));
  });
  if (compared.events !== filled.events) {
    throw new InvariantBroken(`${filled.events} events written, ${compared.events} found`);
  }
  const { documents, differing, eventsMissing } = compared;
  return { ...filled, documents, differing, eventsMissing };
}

async function tellStories(
  stores: Stores,
  configuration: Configuration,
  { complaints, seed, until = UNTIL_DAY_DEFAULT }: DemoOptions,
): Promise<{ readonly complaints: number; readonly events: number }> {
  const projector = startProjector(configuration, stores);
  const progress = startProgress(`filling ${configuration.dataDir}`);
  try {
    const filled = await demonstrate({
      eventStore: stores.eventStore,
      complaints,
      seed,
      untilDay: until,
      onProgress: (lodged) => progress.update(lodged, complaints),
    });
    const head = await stores.eventStore.head();
    if (head !== undefined) await projector.reached(head);
    return filled;
  } finally {
    progress.stop();
    await projector.stop();
  }
}

async function serve(
  configuration: Configuration,
  signIns: readonly SignIn[],
  { json }: DemoOptions,
): Promise<void> {
  // Nest takes half a second to load: only who serves waits for it.
  const { startStandalone, untilSignal } = await import('../../standalone/index.js');
  const standalone = await startStandalone(configuration, { projector: 'worker' });
  const { address } = standalone;
  if (json) printJson({ address, docs: `${address}/docs`, signIns });
  else {
    print(showSignIns(address, signIns));
    note('Ctrl-C ends it; the demonstration stays in its folder until the next one.');
  }
  await untilSignal(standalone);
}
