import { Command } from 'commander';
import { holdsPosition, type EventStore } from '#event-store/port';
import { comparePositions, type StoredEvent } from '#kernel';
import { UsageError } from '../exit-status.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { printLines } from '../output.js';

type ExportOptions = CommonOptions & { readonly from?: string; readonly to?: string };

const POSITION = /^(?:0|[1-9]\d{0,18})$/;

export function exportCommand(): Command {
  const events = commandOf('events', 'The stored events as NDJSON, in the order of the log.')
    .option('--from <position>', 'first position, inclusive')
    .option('--to <position>', 'last position, inclusive')
    .action(exportEvents);
  return new Command('export').description('Takes data away.').addCommand(events);
}

async function exportEvents(options: ExportOptions): Promise<void> {
  const { from, to } = options;
  for (const position of [from, to]) {
    if (position === undefined || POSITION.test(position)) continue;
    throw new UsageError('usage.bad-position', `"${position}" is no position of this log`);
  }
  await withStores(options, 'read', ({ eventStore }) => printLines(lines(eventStore, from, to)));
}

async function* lines(
  eventStore: EventStore,
  from: string | undefined,
  to: string | undefined,
): AsyncGenerator<string> {
  const head = await eventStore.head();
  // Beyond the end there is nothing yet; an adapter need not know positions that it never gave.
  if (head === undefined || (from !== undefined && comparePositions(from, head) > 0)) return;
  const last = to === undefined || comparePositions(to, head) > 0 ? head : to;
  if (from !== undefined && !(await holdsPosition(eventStore, from))) {
    throw new UsageError('usage.bad-position', `no event of this log has the position ${from}`);
  }
  const range = { ...(from === undefined ? {} : { from }), to: last };
  for await (const page of eventStore.readAll(range)) yield page.map(lineOf).join('');
}

/** Data and metadata stand in the line byte for byte as they are stored. */
function lineOf({ position, stream, revision, id, type, data, metadata }: StoredEvent): string {
  const head = JSON.stringify({ position, stream, revision, id, type });
  return `${head.slice(0, -1)},"data":${data},"metadata":${metadata}}\n`;
}
