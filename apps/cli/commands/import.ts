import { createReadStream, statSync } from 'node:fs';
import { Command } from 'commander';
import {
  checkCfpbHeader,
  importCfpb,
  type ImportOptions,
  type ImportResult,
} from '#complaints/intake/cfpb';
import { SERVER_FAULTS_MAX, waitOut } from '#event-store/port';
import { EXIT, UsageError } from '../exit-status.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { note, print, printJson } from '../output.js';
import { startProgress } from '../progress.js';
import { startProjector } from '../read-models.js';

/** Read from the file at a time. */
const CHUNK_BYTES = 65_536;
/** Refused rows that are shown to people; `--json` lists them all. */
const REJECTED_SHOWN_MAX = 20;
/** Between two lines about servers that are waited for. */
const TELL_EVERY_MS = 5_000;

export function importCommand(): Command {
  const cfpb = commandOf('cfpb', 'Complaints from an export of the CFPB complaint database (CSV).')
    .argument('<file>', 'with a heading; 18, 16, 14 or 13 columns, in any order')
    .action(importFile);
  return new Command('import').description('Brings complaints in from elsewhere.').addCommand(cfpb);
}

async function importFile(file: string, options: CommonOptions): Promise<void> {
  const sizeBytes = sizeOf(file);
  await checkCfpbHeader(chunksOf(file));
  const startedAt = Date.now();
  const result = await withStores(options, 'import', async (stores, configuration) => {
    const projector = startProjector(configuration, stores);
    const progress = startProgress('importing');
    try {
      const imported = await importCfpb(chunksOf(file), {
        ...stores,
        onProgress: ({ bytes }) => progress.update(bytes, sizeBytes),
        ...(configuration.servers ? { waitOut: patienceWithServers() } : {}),
      });
      if (imported.position !== undefined) await projector.reached(imported.position);
      return imported;
    } finally {
      progress.stop();
      await projector.stop();
    }
  });
  if (result.rejectedCount > 0) process.exitCode = EXIT.found;
  const seconds = (Date.now() - startedAt) / 1_000;
  if (options.json) printJson({ ...result, seconds });
  else printResult(result, seconds);
}

/** Servers come back while the import waits; the embedded store must be opened again after a fault. */
function patienceWithServers(): NonNullable<ImportOptions['waitOut']> {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (error, faults) =>
    waitOut(error, { faultsMax: SERVER_FAULTS_MAX }, faults, ({ message }) => {
      // Many rows are under way, and all of them meet the same fault.
      if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
      toldAtMs = performance.now();
      note(`import: ${message}; trying again`);
    });
}

/** A file that cannot be read is no fault of the store, as its system error would be taken for. */
async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('import.file-unreadable', `${file} cannot be read: ${reason}`);
  }
}

function sizeOf(file: string): number {
  const status = statSync(file, { throwIfNoEntry: false });
  if (!status) throw new UsageError('import.file-not-found', `there is no file ${file}`);
  if (!status.isFile()) throw new UsageError('import.not-a-file', `${file} is not a file`);
  return status.size;
}

function printResult(result: ImportResult, seconds: number): void {
  const { rows, lodged, unchanged, updated, rejected, rejectedCount, events } = result;
  print(
    `${rows} rows in ${seconds.toFixed(1)} s: ${lodged} lodged, ${updated} updated, ` +
      `${unchanged} unchanged, ${rejectedCount} rejected; ${events} events`,
  );
  for (const { row, line, reason } of rejected.slice(0, REJECTED_SHOWN_MAX)) {
    note(`row ${row} (line ${line}): ${reason}`);
  }
  const more = rejectedCount - REJECTED_SHOWN_MAX;
  if (more > 0) note(`and ${more} more; --json lists them`);
}
