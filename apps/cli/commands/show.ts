import type { Command } from 'commander';
import {
  replay,
  viewOf,
  type ComplaintView,
  type RecordedComplaintEvent,
} from '#complaints/contract';
import { readComplaint, refuseBeyond } from '../complaint-stream.js';
import { UsageError } from '../exit-status.js';
import { instantOf } from '../moments.js';
import { commandOf, withStores, wholeNumber, type CommonOptions } from '../options.js';
import { outline, print, printJson } from '../output.js';

type ShowOptions = CommonOptions & {
  readonly at?: string;
  readonly event?: number;
  readonly knownAt?: string;
};

const EVENT_NUMBER_MAX = 1_000_000;

export function showCommand(): Command {
  return commandOf('show', 'A complaint as it is, or as it was at any moment.')
    .argument('<ref>', 'reference, id or stream of the complaint')
    .option('--at <instant>', 'what had happened by then (a day means its end, UTC)')
    .option('--event <n>', 'after its first n events', wholeNumber(1, EVENT_NUMBER_MAX))
    .option('--known-at <instant>', 'what had been recorded by then')
    .action(show);
}

async function show(reference: string, options: ShowOptions): Promise<void> {
  if (options.at !== undefined && options.event !== undefined) {
    throw new UsageError('usage.conflict', '--at and --event exclude each other');
  }
  await withStores(options, 'read', async ({ eventStore }) => {
    const view = viewAt(await readComplaint(eventStore, reference), reference, options);
    if (options.json) printJson(view);
    else print(outline(view));
  });
}

function viewAt(
  events: readonly RecordedComplaintEvent[],
  reference: string,
  { at, event, knownAt }: ShowOptions,
): ComplaintView {
  refuseBeyond(reference, events, event);
  const replayed = replay(events, {
    event,
    at: at === undefined ? undefined : instantOf(at),
    knownAt: knownAt === undefined ? undefined : instantOf(knownAt),
  });
  if (replayed.kind === 'complaint') return viewOf(replayed.complaint);
  throw new UsageError('complaint.not-lodged', `${reference} was not there yet at that moment`);
}
