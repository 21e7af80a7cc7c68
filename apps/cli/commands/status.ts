import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ReadModelStatus } from '#read-models/port';
import { projections } from '#complaints/contract';
import type { Configuration, Stores } from '#wiring';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { print, printJson, sizeText, table } from '../output.js';

type ModelStatus = Omit<ReadModelStatus, 'checkpoint'> & {
  readonly position: string | null;
  /** Events of the log that the read model has yet to see. */
  readonly lag: number;
  readonly eventsMissing: number;
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

async function statusOf({ eventStore, readModels }: Stores, { dataDir, origin }: Configuration) {
  const head = await eventStore.head();
  const events = head === undefined ? 0 : await eventStore.countUpTo(head);
  const models: ModelStatus[] = [];
  for (const { projection } of projections) {
    const { checkpoint, ...rest } = await readModels.status(projection);
    models.push({
      ...rest,
      position: checkpoint?.position ?? null,
      lag: events - (checkpoint?.eventsSeen ?? 0),
      eventsMissing: checkpoint?.eventsMissing ?? 0,
    });
  }
  const { logBytes, writeAheadBytes } = eventStore.sizes();
  return {
    dataDir,
    origin,
    head: head ?? null,
    events,
    lag: Math.max(0, ...models.map(({ lag }) => lag)),
    eventsMissing: models.reduce((sum, { eventsMissing }) => sum + eventsMissing, 0),
    readModels: models,
    sizes: { logBytes, writeAheadBytes, readModelsBytes: sizeOf(dataDir) },
    versions: { node: process.versions.node },
  };
}

function sizeOf(dataDir: string): number {
  return statSync(join(dataDir, 'read-models.sqlite'), { throwIfNoEntry: false })?.size ?? 0;
}

function printStatus({
  dataDir,
  events,
  head,
  lag,
  eventsMissing,
  readModels,
  sizes,
}: Status): void {
  print(`store           ${dataDir}`);
  print(
    `events          ${events.toLocaleString('en-US')}${head === null ? '' : `, last at position ${head}`}`,
  );
  print(`lag             ${lag}`);
  print(`events missing  ${eventsMissing}`);
  print(`log             ${sizeText(sizes.logBytes + sizes.writeAheadBytes)}`);
  print(`read models     ${sizeText(sizes.readModelsBytes)}\n`);
  print(
    table(
      ['read model', 'version', 'condition', 'position', 'documents'],
      readModels.map((model) => [
        model.projection,
        model.version,
        model.condition,
        model.position,
        model.documents,
      ]),
    ),
  );
}
