import type { Command } from 'commander';
import { GROUPS_MAX } from '#read-models/port';
import { complaintRegister } from '#complaints/contract';
import { conditionOf, projectionOf } from '../conditions.js';
import { commandOf, gather, wholeNumber, withStores, type CommonOptions } from '../options.js';
import { print, printJson, table } from '../output.js';

type CountOptions = CommonOptions & {
  readonly by?: readonly string[];
  readonly where?: readonly string[];
  readonly of: string;
  readonly limit?: number;
};

export function countCommand(): Command {
  return commandOf('count', 'How many complaints, by declared fields.')
    .option('--by <field>', 'count by this field; may be given several times', gather)
    .option('--where <field=value>', 'may be given several times; also <, <=, >, >=', gather)
    .option('--of <read-model>', 'read model to count in', complaintRegister.name)
    .option('--limit <n>', 'the largest groups only', wholeNumber(1, GROUPS_MAX))
    .action(count);
}

async function count(options: CountOptions): Promise<void> {
  const projection = projectionOf(options.of);
  const where = (options.where ?? []).map((text) => conditionOf(projection, text));
  const { by } = options;
  await withStores(options, 'read', async ({ readModels }) => {
    const total = await readModels.count(projection, where);
    if (by === undefined) {
      if (options.json) printJson({ total });
      else print(total.toLocaleString('en-US'));
      return;
    }
    const limit = options.limit === undefined ? {} : { limit: options.limit };
    const groups = await readModels.group(projection, { by, where, ...limit });
    if (options.json) {
      printJson({ total, groups });
      return;
    }
    const rows = groups.map(({ key, count: many }) => [...by.map((name) => text(key[name])), many]);
    print(table([...by, 'complaints'], [...rows, ['total', ...by.slice(1).map(() => ''), total]]));
  });
}

function text(value: unknown): string {
  return value === null || value === undefined ? '(none)' : String(value as string | number);
}
