import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import type { Projection } from '#read-models/port';
import { SqliteReadModels } from '#read-models/sqlite';
import type { Configuration } from '#wiring';
import { projections } from '../../contexts/contract.js';
import { lagOf, verdictOn } from '../lag.js';
import { answer, type Answer, type Check } from './check.js';
import { clockCheck } from './last-event.js';
import { ledgerChecks } from './ledger.js';

/** Log, clock and read models in a folder; each is opened for itself. */
export async function embeddedChecks(
  configuration: Pick<Configuration, 'dataDir' | 'ledger' | 'origin'>,
): Promise<readonly Check[]> {
  const { dataDir } = configuration;
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
  const ledger = (log: SqliteEventStore) => ledgerChecks(configuration, log);
  return [...checks, ...(await withLog(dataDir, ledger))];
}

async function withLog<Result>(
  directory: string,
  check: (eventStore: SqliteEventStore) => Promise<Result>,
): Promise<Result> {
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

async function readModelCheck(
  directory: string,
  projection: Projection,
  eventStore: SqliteEventStore,
): Promise<Answer> {
  const readModels = await SqliteReadModels.open({ directory, mode: 'read' });
  try {
    const progress = await readModels.progress(projection);
    return verdictOn(progress, await lagOf({ eventStore, probes: [] }, progress));
  } finally {
    await readModels.close();
  }
}
