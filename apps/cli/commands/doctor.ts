import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { millisOf } from '#kernel';
import { decodeComplaintEvent, projections } from '#complaints/contract';
import { openStores, type Configuration, type Stores } from '#wiring';
import { EXIT, failureOf } from '../exit-status.js';
import { commandOf, configurationOf, type CommonOptions } from '../options.js';
import { print, printJson } from '../output.js';

type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };

const FREE_MIN_BYTES = 1_000_000_000;
/** A clock that was set back leaves events from the future behind. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

export function doctorCommand(): Command {
  return commandOf('doctor', 'Checks configuration, disk, log, read models and clock.').action(
    doctor,
  );
}

async function doctor(options: CommonOptions): Promise<void> {
  const configuration = configurationOf(options);
  const checks = [...environmentChecks(configuration), ...(await storeChecks(configuration))];
  const ok = checks.every((check) => check.ok);
  if (!ok) process.exitCode = EXIT.found;
  if (options.json) printJson({ ok, checks });
  else
    for (const { name, ok: good, detail } of checks)
      print(`${good ? '✓' : '✗'} ${name}: ${detail}`);
}

function environmentChecks({ dataDir, host, port, auth, stores }: Configuration): readonly Check[] {
  const place = nearestFolder(dataDir);
  return [
    { name: 'node', ok: true, detail: process.versions.node },
    {
      name: 'configuration',
      ok: true,
      detail: `${stores} stores, ${host}:${port}, ${auth} access`,
    },
    attempt('data folder', () => {
      accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
      const probe = mkdtempSync(join(place, '.redress-doctor-'));
      writeFileSync(join(probe, 'probe'), 'probe', { flush: true });
      rmSync(probe, { recursive: true });
      return `${dataDir} can be written`;
    }),
    attempt('disk', () => {
      const { bavail, bsize } = statfsSync(place);
      const free = bavail * bsize;
      const text = `${(free / 1e9).toFixed(1)} GB free`;
      if (free < FREE_MIN_BYTES) throw new Error(`${text}; at least 1 GB is wanted`);
      return text;
    }),
  ];
}

/** The folder itself, or the first one above it that exists. */
function nearestFolder(directory: string): string {
  const parent = dirname(directory);
  return existsSync(directory) || parent === directory ? directory : nearestFolder(parent);
}

function attempt(name: string, check: () => string): Check {
  try {
    return { name, ok: true, detail: check() };
  } catch (error) {
    return { name, ok: false, detail: failureOf(error).message };
  }
}

async function storeChecks(configuration: Configuration): Promise<readonly Check[]> {
  if (!existsSync(join(configuration.dataDir, 'log.sqlite'))) {
    return [{ name: 'log', ok: true, detail: 'none yet; the first server or import makes it' }];
  }
  let stores: Stores;
  try {
    stores = await openStores(configuration, 'read');
  } catch (error) {
    const { code, message } = failureOf(error);
    return [{ name: 'log', ok: false, detail: `${message} [${code}]` }];
  }
  try {
    return [await logCheck(stores), await clockCheck(stores), ...(await readModelChecks(stores))];
  } finally {
    await stores.close();
  }
}

async function logCheck({ eventStore }: Stores): Promise<Check> {
  const problems = await eventStore.integrity();
  const detail =
    problems.length === 0 ? 'sound, written with synchronous=FULL' : problems.join('; ');
  return { name: 'log', ok: problems.length === 0, detail };
}

async function clockCheck({ eventStore, clock }: Stores): Promise<Check> {
  const head = await eventStore.head();
  const now = clock.now();
  if (head === undefined) return { name: 'clock', ok: true, detail: now };
  const before = BigInt(head) - 1n;
  let recordedAt = now;
  for await (const page of eventStore.readAll(before < 0n ? {} : { after: String(before) })) {
    const last = page.at(-1);
    if (last) recordedAt = decodeComplaintEvent(last).metadata.recordedAt;
  }
  const ok = millisOf(recordedAt) <= millisOf(now) + CLOCK_TOLERANCE_MS;
  const detail = ok ? `${now}, behind no event` : `${now}, but an event says ${recordedAt}`;
  return { name: 'clock', ok, detail };
}

async function readModelChecks({ eventStore, readModels }: Stores): Promise<readonly Check[]> {
  const head = await eventStore.head();
  const events = head === undefined ? 0 : await eventStore.countUpTo(head);
  const checks: Check[] = [];
  for (const { projection } of projections) {
    const { condition, checkpoint } = await readModels.progress(projection);
    const missing = checkpoint?.eventsMissing ?? 0;
    const lag = events - (checkpoint?.eventsSeen ?? 0);
    checks.push({
      name: projection.name,
      ok: missing === 0 && condition === 'live',
      detail: `${condition}, ${lag} events behind, ${missing} missing`,
    });
  }
  return checks;
}
