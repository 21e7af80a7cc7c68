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
import { SqliteEventStore } from '#event-store/sqlite';
import { millisOf } from '#kernel';
import type { Projection } from '#read-models/port';
import { SqliteReadModels } from '#read-models/sqlite';
import { decodeComplaintEvent, projections } from '#complaints/contract';
import { SystemClock, type Configuration } from '#wiring';
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

/** Each check opens and reads for itself: what is wrong with one must not silence the others. */
async function storeChecks({ dataDir }: Configuration): Promise<readonly Check[]> {
  if (!existsSync(join(dataDir, 'log.sqlite'))) {
    return [{ name: 'log', ok: true, detail: 'none yet; the first server or import makes it' }];
  }
  const checks = [
    await answer('log', () => withLog(dataDir, logCheck)),
    await answer('clock', () => withLog(dataDir, clockCheck)),
  ];
  for (const { projection } of projections) {
    const check = () => withLog(dataDir, (log) => readModelCheck(dataDir, projection, log));
    checks.push(await answer(projection.name, check));
  }
  return checks;
}

type Answer = Omit<Check, 'name'>;

async function answer(name: string, check: () => Promise<Answer>): Promise<Check> {
  try {
    return { name, ...(await check()) };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { name, ok: false, detail: `${message} [${code}]` };
  }
}

async function withLog(
  directory: string,
  check: (eventStore: SqliteEventStore) => Promise<Answer>,
): Promise<Answer> {
  const eventStore = await SqliteEventStore.open({ directory, mode: 'read' });
  try {
    return await check(eventStore);
  } finally {
    await eventStore.close();
  }
}

async function logCheck(eventStore: SqliteEventStore): Promise<Answer> {
  const problems = await eventStore.integrity();
  const detail =
    problems.length === 0 ? 'sound, written with synchronous=FULL' : problems.join('; ');
  return { ok: problems.length === 0, detail };
}

async function clockCheck(eventStore: SqliteEventStore): Promise<Answer> {
  const head = await eventStore.head();
  const now = new SystemClock().now();
  if (head === undefined) return { ok: true, detail: now };
  const before = BigInt(head) - 1n;
  let recordedAt = now;
  for await (const page of eventStore.readAll(before < 0n ? {} : { after: String(before) })) {
    const last = page.at(-1);
    if (last) recordedAt = decodeComplaintEvent(last).metadata.recordedAt;
  }
  const ok = millisOf(recordedAt) <= millisOf(now) + CLOCK_TOLERANCE_MS;
  const detail = ok ? `${now}, behind no event` : `${now}, but an event says ${recordedAt}`;
  return { ok, detail };
}

async function readModelCheck(
  directory: string,
  projection: Projection,
  eventStore: SqliteEventStore,
): Promise<Answer> {
  const head = await eventStore.head();
  const events = head === undefined ? 0 : await eventStore.countUpTo(head);
  const readModels = await SqliteReadModels.open({ directory, mode: 'read' });
  try {
    const { condition, checkpoint } = await readModels.progress(projection);
    const missing = checkpoint?.eventsMissing ?? 0;
    const lag = events - (checkpoint?.eventsSeen ?? 0);
    return {
      ok: missing === 0 && condition === 'live',
      detail: `${condition}, ${lag} events behind, ${missing} missing`,
    };
  } finally {
    await readModels.close();
  }
}
