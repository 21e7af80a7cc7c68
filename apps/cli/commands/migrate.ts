import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { copyLog, CopyRefused, type Copied, type CopyPhase } from '#event-store/port';
import { describeLog, logPlaceOf, openLog, type LogPlace, type OpenedLog } from '#wiring';
import { EXIT, UsageError } from '../exit-status.js';
import { note, print, printJson } from '../output.js';
import { startProgress, type Progress } from '../progress.js';
import { reachServers } from '../reach-servers.js';

type MigrateOptions = { readonly from: string; readonly to: string; readonly json?: true };

const PLACES =
  'sqlite:DIR or a folder, esdb://HOST…, or env:NAME for a URL in a variable (or its NAME_FILE)';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Copies an event log to another store and verifies the copy. Run again to go on.')
    .requiredOption('--from <url>', `the log to copy: ${PLACES}`)
    .requiredOption('--to <url>', 'where to; empty, or what an earlier run has left')
    .option('--json', 'one JSON object on stdout')
    .action(migrate);
}

async function migrate({ from, to, json }: MigrateOptions): Promise<void> {
  const [source, target] = [logPlaceOf(from, process.env), logPlaceOf(to, process.env)];
  if (JSON.stringify(source) === JSON.stringify(target)) {
    throw new UsageError('usage.same-store', 'a log cannot be copied onto itself');
  }
  const startedAt = Date.now();
  const { isBehind, firstDiffering, ...copied } = await withLogs(source, target, copy);
  const result = { ...copied, seconds: (Date.now() - startedAt) / 1_000 };
  if (!copied.verified) process.exitCode = EXIT.found;
  if (firstDiffering !== undefined) note(`the copy is not the source: ${firstDiffering}`);
  if (isBehind) note('the source has grown since: stop what writes to it, and run this again');
  if (json) printJson({ ...result, ...(firstDiffering ? { firstDiffering } : {}), isBehind });
  else printResult(result, target);
}

type Result = Omit<Copied, 'isBehind' | 'firstDiffering'> & { readonly seconds: number };

function printResult(result: Result, target: LogPlace): void {
  const { events, streams, copied, verified, sha256, seconds } = result;
  print(
    `${number(events)} events of ${number(streams)} streams in ${describeLog(target)}, ` +
      `${number(copied)} of them copied now (${seconds.toFixed(1)} s)`,
  );
  print(verified ? 'Both were read again: every event is the same.' : 'NOT VERIFIED.');
  print(`SHA-256 ${sha256}`);
  print(
    'Read models are not copied: `redress rebuild`, with the new store configured, folds them.',
  );
}

/** Opens both, and closes what was opened whatever happens. */
async function withLogs<Answer>(
  from: LogPlace,
  to: LogPlace,
  work: (source: OpenedLog, target: OpenedLog) => Promise<Answer>,
): Promise<Answer> {
  const source = await openLog(from, 'source');
  try {
    const target = await openLog(to, 'target');
    try {
      await reachServers([...source.probes, ...target.probes]);
      return await work(source, target);
    } finally {
      await target.store.close();
    }
  } finally {
    await source.store.close();
  }
}

async function copy(source: OpenedLog, target: OpenedLog): Promise<Copied> {
  const total = await countOf(source);
  let bar: { readonly phase: CopyPhase; readonly progress: Progress } | undefined;
  const onProgress = (phase: CopyPhase, events: number) => {
    if (bar?.phase !== phase) {
      bar?.progress.stop();
      bar = { phase, progress: startProgress(phase) };
    }
    bar.progress.update(events, total);
  };
  try {
    return await copyLog({ source, target, sha256, onProgress, onFault: tellFault });
  } catch (error) {
    if (error instanceof CopyRefused) throw new UsageError(error.code, error.message);
    throw error;
  } finally {
    bar?.progress.stop();
  }
}

/** For the progress bar only: 0, not known, where counting would mean reading all events. */
async function countOf({ store, isCounted }: OpenedLog): Promise<number> {
  if (!isCounted) return 0;
  const head = await store.head();
  return head === undefined ? 0 : store.countUpTo(head);
}

function sha256() {
  const hash = createHash('sha256');
  return { add: (text: string) => hash.update(text), hex: () => hash.digest('hex') };
}

function tellFault({ message }: Error, delayMs: number): void {
  note(`${message}; trying again in ${(delayMs / 1_000).toFixed(1)} s`);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
