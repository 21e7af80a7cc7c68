import type { Command } from 'commander';
import { FIND_LIMIT_MAX, type Row } from '#read-models/port';
import { complaintRegister, listComplaints, type RegisteredComplaint } from '#complaints/contract';
import { conditionOf, sortOf } from '../conditions.js';
import { commandOf, gather, wholeNumber, withStores, type CommonOptions } from '../options.js';
import { note, print, printJson, table } from '../output.js';

type ListOptions = CommonOptions & {
  readonly where?: readonly string[];
  readonly sort?: string;
  readonly limit: number;
  readonly after?: string;
};

const LIMIT_DEFAULT = 20;

export function listCommand(): Command {
  return commandOf('list', 'Complaints from the register, by declared fields.')
    .option('--where <field=value>', 'may be given several times; also <, <=, >, >=', gather)
    .option('--sort <field>', 'ascending; -field for descending')
    .option('--limit <n>', 'at most so many', wholeNumber(1, FIND_LIMIT_MAX), LIMIT_DEFAULT)
    .option('--after <cursor>', 'go on behind a page; its cursor is told on stderr')
    .action(list);
}

async function list(options: ListOptions): Promise<void> {
  const where = (options.where ?? []).map((text) => conditionOf(complaintRegister, text));
  await withStores(options, 'read', async ({ readModels }) => {
    const { rows, next } = await listComplaints(readModels, {
      where,
      limit: options.limit,
      ...(options.sort === undefined ? {} : { sort: sortOf(options.sort) }),
      ...(options.after === undefined ? {} : { after: options.after }),
    });
    if (options.json) for (const row of rows) printJson(plain(row));
    else print(queueTable(rows));
    if (next !== undefined) note(`more: --after ${next}`);
  });
}

function plain({ id, revision, position, document }: Row<RegisteredComplaint>): object {
  return { id, revision, position, ...document };
}

/** The queue for people. */
export function queueTable(rows: readonly Row<RegisteredComplaint>[]): string {
  return table(
    [
      'reference',
      'received',
      'status',
      'next step',
      'respond by',
      'priority',
      'assignee',
      'product',
      'issue',
    ],
    rows.map(({ document }) => [
      document.reference,
      document.receivedDay,
      document.status,
      document.nextStep,
      document.respondBy?.slice(0, 10),
      document.priority,
      document.assignee,
      document.product,
      document.issue,
    ]),
  );
}
