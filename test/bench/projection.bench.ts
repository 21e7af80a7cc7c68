import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projections } from '#complaints/contract';
import { SqliteEventStore } from '#event-store/sqlite';
import { Projector } from '#read-models/projector';
import { SqliteReadModels } from '#read-models/sqlite';
import { figure, inTurn, perSecond, type Benchmark } from './figure.js';
import { fillLog } from './many-complaints.js';
import { rawFold } from './raw-fold.js';

const COMPLAINTS = 60_000;
const ROUNDS = 3;

type Fold = (projector: Projector) => Promise<unknown>;

/** Events a second of all projections together, through the projector. */
async function project(log: string, into: string, fold: Fold): Promise<number> {
  mkdirSync(into);
  const eventStore = await SqliteEventStore.open({ directory: log, mode: 'read' });
  const readModels = await SqliteReadModels.open({ directory: into, mode: 'write' });
  const head = await eventStore.head();
  const events = head === undefined ? 0 : await eventStore.countUpTo(head);
  const startedAtMs = performance.now();
  await fold(new Projector({ eventStore, readModels, projections }));
  const rate = perSecond(events, startedAtMs);
  await readModels.close();
  await eventStore.close();
  return rate;
}

const rebuildBenchmark: Benchmark = {
  name: 'rebuild',
  about: 'rebuilds all projections with their indexes, by a raw fold into one plain table',
  run: async ({ directory, say }) => {
    const log = join(directory, 'log');
    mkdirSync(log);
    const store = await SqliteEventStore.open({ directory: log, mode: 'write' });
    const events = await fillLog(store, COMPLAINTS, say);
    await store.close();
    say(`${events} events of ${COMPLAINTS} complaints`);
    let round = 0;
    const [ours, raw] = await inTurn(
      ROUNDS,
      () => project(log, join(directory, `models-${round++}`), (one) => one.rebuild()),
      () => Promise.resolve(rawFold(log, join(directory, `raw-${round++}.sqlite`))),
    );
    const reference = { name: 'raw fold of one document', value: raw };
    return [figure('rebuild', ours, 'events/s', reference)];
  },
};

export const projectionBenchmarks: readonly Benchmark[] = [rebuildBenchmark];
