import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { checkpointInMark, LEDGER_MARK } from '#ledger';
import type { ReadModelStatus } from '#read-models/port';
import { projections } from '../../contexts/contract.js';
import type { Configuration, Stores } from '#wiring';
import { lagOf } from '../lag.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { print, printJson, sizeText, table } from '../output.js';

type ModelStatus = Omit<ReadModelStatus, 'checkpoint'> & {
  readonly position: string | null;
  /** Events of the log that the read model has yet to see. */
  readonly lag: number;
  /** Nobody counted on: it is behind by so many events or more. */
  readonly lagIsAtLeast?: true;
  /** It has passed events that this log does not hold; a rebuild folds it anew. */
  readonly isAheadOfLog?: true;
  readonly eventsMissing: number;
};

type LedgerStatus = {
  /** Events under the last signed checkpoint. */
  readonly size: number;
  /** Its root in base 64; null when nothing was signed yet. */
  readonly root: string | null;
  /** Events that are not signed yet. */
  readonly lag: number;
};

export function statusCommand(): Command {
  return commandOf(
    'status',
    'Positions, lag, sizes and versions, also beside a running server.',
  ).action(showStatus);
}

async function showStatus(options: CommonOptions): Promise<void> {
  await withStores(options, 'read', async (stores, configuration) => {
    const status = await statusOf(stores, configuration);
    if (options.json) printJson(status);
    else printStatus(status);
  });
}

type Status = Awaited<ReturnType<typeof statusOf>>;

async function statusOf(stores: Stores, { dataDir, ledger, origin, servers }: Configuration) {
  const { eventStore, readModels } = stores;
  const head = await eventStore.head();
  const models: ModelStatus[] = [];
  let eventsMax = 0;
  for (const { projection } of projections) {
    const { checkpoint, furthest, ...rest } = await readModels.status(projection);
    const { events, lag, isAtLeast, isAhead } = await lagOf(stores, { checkpoint, furthest });
    eventsMax = Math.max(eventsMax, events);
    models.push({
      ...rest,
      position: checkpoint?.position ?? null,
      lag,
      ...(isAtLeast ? { lagIsAtLeast: isAtLeast } : {}),
      ...(isAhead ? { isAheadOfLog: isAhead } : {}),
      eventsMissing: checkpoint?.eventsMissing ?? 0,
    });
  }
  return {
    dataDir: servers ? undefined : dataDir,
    servers: servers ? addressesOf(stores) : undefined,
    origin,
    head: head ?? null,
    events: eventsMax,
    lag: Math.max(0, ...models.map(({ lag }) => lag)),
    eventsMissing: models.reduce((sum, { eventsMissing }) => sum + eventsMissing, 0),
    readModels: models,
    ledger: ledger.kind === 'off' ? null : await ledgerStatusOf(stores, eventsMax),
    sizes: servers ? undefined : sizesOf(dataDir),
    versions: { node: process.versions.node },
  };
}

/** What was signed last, by the store itself, wherever the folder of the ledger lies. */
async function ledgerStatusOf({ eventStore }: Stores, events: number): Promise<LedgerStatus> {
  const mark = await eventStore.readMark(LEDGER_MARK);
  if (!mark) return { size: 0, root: null, lag: events };
  const { size, root } = checkpointInMark(mark);
  return {
    size: Number(size),
    root: Buffer.from(root).toString('base64'),
    lag: Math.max(0, events - Number(size)),
  };
}

function addressesOf({ probes }: Stores): Readonly<Record<string, string>> {
  return Object.fromEntries(probes.map(({ name, address }) => [name, address]));
}

/** Of the files of embedded stores; how large servers' are is theirs to say. */
function sizesOf(dataDir: string) {
  const sizeOf = (name: string): number =>
    statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0;
  return {
    logBytes: sizeOf('log.sqlite'),
    writeAheadBytes: sizeOf('log.sqlite-wal'),
    readModelsBytes: sizeOf('read-models.sqlite'),
  };
}

function printStatus({
  dataDir,
  servers,
  events,
  head,
  lag,
  eventsMissing,
  readModels,
  ledger,
  sizes,
}: Status): void {
  print(`store           ${dataDir ?? Object.values(servers ?? {}).join(', ')}`);
  print(
    `events          ${events.toLocaleString('en-US')}${head === null ? '' : `, last at position ${head}`}`,
  );
  const more = readModels.some(({ lagIsAtLeast }) => lagIsAtLeast) ? ' or more' : '';
  print(`lag             ${lag}${more}`);
  print(`events missing  ${eventsMissing}`);
  if (ledger)
    print(`signed          ${ledger.size.toLocaleString('en-US')}, ${ledger.lag} not yet`);
  else print('signed          off');
  if (sizes) {
    print(`log             ${sizeText(sizes.logBytes + sizes.writeAheadBytes)}`);
    print(`read models     ${sizeText(sizes.readModelsBytes)}`);
  }
  print('');
  print(
    table(
      ['read model', 'version', 'condition', 'position', 'documents'],
      readModels.map((model) => [
        model.projection,
        model.version,
        model.isAheadOfLog ? 'ahead of the log' : model.condition,
        model.position,
        model.documents,
      ]),
    ),
  );
}
