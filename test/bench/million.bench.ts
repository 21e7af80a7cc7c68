import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complaintRegister } from '#complaints/contract';
import type { Condition, FindQuery, Sort } from '#read-models/port';
import { SqliteReadModels } from '#read-models/sqlite';
import { figure, percentile, type Benchmark, type Figure } from './figure.js';
import { lifecyclesPerSecond, serve, whenProjected } from './http.bench.js';
import { storeWith } from './many-complaints.js';

const PAGE = 50;
const DEEP_PAGES = 20;
const REPEATS = 3;
const LIFECYCLES = 8_000;
const STARTS = 5;
const START = fileURLToPath(new URL('./start.js', import.meta.url));
/** Values kept of each field to filter by: the most and the least frequent ones and some between. */
const VALUES_PER_FIELD = 4;

const SORTS = Object.entries(complaintRegister.fields)
  .filter(([, field]) => field.sort)
  .flatMap(([field]): readonly Sort[] => [
    { field, direction: 'ascending' },
    { field, direction: 'descending' },
  ]);
const FILTERS = Object.entries(complaintRegister.fields)
  .filter(([, field]) => field.filter)
  .map(([field]) => field);

/** Conditions on one field: rare and frequent values as they are in the store. */
async function conditionsOn(
  readModels: SqliteReadModels,
  field: string,
): Promise<readonly Condition[]> {
  const groups = await readModels.group(complaintRegister, { by: [field] });
  const step = Math.max(1, Math.floor(groups.length / VALUES_PER_FIELD));
  return groups
    .filter((_, index) => index % step === 0 || index === groups.length - 1)
    .map(({ key }) => ({ field, is: 'eq', value: key[field] as string }));
}

/** Milliseconds of the first page and of deeper ones, one after the other. */
async function timePages(
  readModels: SqliteReadModels,
  query: Omit<FindQuery, 'limit' | 'after'>,
  pages: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  let after: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const startedAtMs = performance.now();
    const found = await readModels.find(complaintRegister, {
      ...query,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    times.push(performance.now() - startedAtMs);
    after = found.next;
    if (after === undefined) break;
  }
  return times;
}

async function queueFigures(folder: string): Promise<readonly Figure[]> {
  const readModels = await SqliteReadModels.open({ directory: folder, mode: 'read' });
  const conditions = new Map<string, readonly Condition[]>();
  for (const field of FILTERS) conditions.set(field, await conditionsOn(readModels, field));
  const singles = [...conditions.values()].flat().map((one) => [one]);
  const pairs = FILTERS.flatMap((a, index) =>
    FILTERS.slice(index + 1).flatMap((b) =>
      (conditions.get(a) ?? []).flatMap((x) => (conditions.get(b) ?? []).map((y) => [x, y])),
    ),
  );
  const plain: number[] = [];
  const filtered: number[] = [];
  const paired: number[] = [];
  for (const sort of SORTS) {
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      plain.push(...(await timePages(readModels, { sort }, DEEP_PAGES)));
      for (const where of singles) {
        filtered.push(...(await timePages(readModels, { where, sort }, DEEP_PAGES)));
      }
    }
    for (const where of pairs) paired.push(...(await timePages(readModels, { where, sort }, 2)));
  }
  await readModels.close();
  const reference = { name: 'median page without a filter', value: percentile(plain, 50) };
  return [
    figure('queue-p99', percentile([...plain, ...filtered], 99), 'ms', reference),
    figure('queue-max', percentile([...plain, ...filtered], 100), 'ms', reference),
    figure('queue-two-filters-p99', percentile(paired, 99), 'ms', reference),
    figure('queue-two-filters-max', percentile(paired, 100), 'ms', reference),
  ];
}

const queueBenchmark: Benchmark = {
  name: 'queue',
  about: 'a queue page at a million complaints: every filter by every sort, first and deep pages',
  run: async ({ keep, say, million }) => queueFigures(await storeWith(keep, million, say)),
};

type Started = { readonly ms: number; readonly rssMb: number };

/** Starts a server in a process of its own and says how long until it answered. */
async function start(folder: string): Promise<Started> {
  const child = fork(START, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Started));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with status ${code}`)));
  });
}

const startBenchmark: Benchmark = {
  name: 'start',
  about: 'from the start of the process to the first answer at a million complaints, by empty',
  run: async ({ directory, keep, say, million }) => {
    const full = await storeWith(keep, million, say);
    const tenth = await storeWith(keep, Math.floor(million / 10), say);
    const fulls: Started[] = [];
    const tenths: Started[] = [];
    const empties: Started[] = [];
    for (let round = 0; round < STARTS; round += 1) {
      fulls.push(await start(full));
      tenths.push(await start(tenth));
      empties.push(await start(join(directory, `empty-${round}`)));
    }
    const ms = (all: readonly Started[]): number =>
      percentile(
        all.map((one) => one.ms),
        50,
      );
    const mb = (all: readonly Started[]): number =>
      percentile(
        all.map((one) => one.rssMb),
        50,
      );
    return [
      figure('start', ms(fulls), 'ms', { name: 'an empty store', value: ms(empties) }),
      figure('memory', mb(fulls), 'MB', { name: 'a tenth of the complaints', value: mb(tenths) }),
    ];
  },
};

const lifecycleMillionBenchmark: Benchmark = {
  name: 'lifecycle-million',
  about: 'lodge, assign, close, search with a million complaints there, by an empty store',
  run: async ({ directory, keep, say, million }) => {
    const full = await storeWith(keep, million, say);
    const rates: number[][] = [[], []];
    for (let round = 0; round < REPEATS; round += 1) {
      for (const [index, folder] of [full, join(directory, `empty-${round}`)].entries()) {
        const server = await serve(folder);
        await whenProjected(server);
        const [rate] = await lifecyclesPerSecond(server, LIFECYCLES);
        rates[index]?.push(rate);
        await server.close();
      }
    }
    const [fulls = [], empties = []] = rates;
    const reference = { name: 'an empty store', value: percentile(empties, 50) };
    return [figure('lifecycle-million', percentile(fulls, 50), 'lifecycles/s', reference)];
  },
};

export const millionBenchmarks: readonly Benchmark[] = [
  queueBenchmark,
  startBenchmark,
  lifecycleMillionBenchmark,
];
