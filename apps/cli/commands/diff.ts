import type { Command } from 'commander';
import { diff, replay, viewOf, type ComplaintView, type Moment } from '#complaints/contract';
import type { RecordedComplaintEvent } from '#complaints/contract';
import { readComplaint, refuseBeyond } from '../complaint-stream.js';
import { momentOf } from '../moments.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { print, printJson, table } from '../output.js';

type DiffOptions = CommonOptions & { readonly from: string; readonly to: string };

export function diffCommand(): Command {
  return commandOf('diff', 'What changed in a complaint between two moments.')
    .argument('<ref>', 'reference, id or stream of the complaint')
    .requiredOption('--from <moment>', 'an instant, a day, or a number of events')
    .requiredOption('--to <moment>', 'an instant, a day, or a number of events')
    .action(showDifference);
}

async function showDifference(reference: string, options: DiffOptions): Promise<void> {
  const [from, to] = [momentOf(options.from), momentOf(options.to)];
  await withStores(options, 'read', async ({ eventStore }) => {
    const events = await readComplaint(eventStore, reference);
    for (const { event } of [from, to]) refuseBeyond(reference, events, event);
    const changes = diff(viewAt(events, from), viewAt(events, to));
    if (options.json) {
      printJson({ from: options.from, to: options.to, changes });
      return;
    }
    print(
      changes.length === 0
        ? 'Nothing changed.'
        : table(
            ['what', 'from', 'to'],
            changes.map((change) => [change.path, shown(change.from), shown(change.to)]),
          ),
    );
  });
}

/** Undefined while the complaint was not lodged yet. */
function viewAt(
  events: readonly RecordedComplaintEvent[],
  moment: Moment,
): ComplaintView | undefined {
  const replayed = replay(events, moment);
  return replayed.kind === 'complaint' ? viewOf(replayed.complaint) : undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
