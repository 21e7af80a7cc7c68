import type { Command } from 'commander';
import { happenedAt } from '#kernel';
import type { RecordedComplaintEvent } from '#complaints/contract';
import { readComplaint } from '../complaint-stream.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { print, printJson, table } from '../output.js';

export function historyCommand(): Command {
  return commandOf('history', 'The events of a complaint, oldest first.')
    .argument('<ref>', 'reference, id or stream of the complaint')
    .action(history);
}

async function history(reference: string, options: CommonOptions): Promise<void> {
  await withStores(options, 'read', async ({ eventStore }) => {
    const events = await readComplaint(eventStore, reference);
    if (options.json) for (const event of events) printJson(event);
    else print(historyTable(events));
  });
}

/** Events for people: what happened, when, and when it was recorded where that differs. */
export function historyTable(events: readonly RecordedComplaintEvent[]): string {
  return table(
    ['#', 'happened', 'recorded', 'event', 'by', 'what'],
    events.map(({ revision, type, data, metadata }) => [
      revision + 1,
      minuteOf(happenedAt(metadata)),
      metadata.occurredAt === undefined ? '' : minuteOf(metadata.recordedAt),
      type,
      metadata.actor.id,
      factsOf(data),
    ]),
  );
}

function minuteOf(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}

const SHOWN = [
  'reference',
  'respondent',
  'medium',
  'priority',
  'assignee',
  'team',
  'outcome',
  'finding',
  'direction',
  'closureReason',
  'ground',
  'fact',
  'value',
  'issue',
];

/** The few plain facts that tell one event from another; never the personal ones. */
function factsOf(data: object): string {
  const facts = new Map<string, unknown>(Object.entries(data));
  return SHOWN.filter((name) => typeof facts.get(name) === 'string')
    .map((name) => String(facts.get(name)))
    .join(' · ');
}
