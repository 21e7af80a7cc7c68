import type { Command } from 'commander';
import { EXIT } from '../exit-status.js';
import { commandOf, withStores, type CommonOptions } from '../options.js';
import { note, print, printJson } from '../output.js';
import { rebuilderOf, withFoldProgress } from '../read-models.js';

type RebuildOptions = CommonOptions & { readonly compare?: true };

export function rebuildCommand(): Command {
  return commandOf('rebuild', 'Folds the read models from the log again, beside the live ones.')
    .option('--compare', 'change nothing; name the documents that differ, and exit 1')
    .action((options: RebuildOptions) => (options.compare ? compare(options) : rebuild(options)));
}

async function rebuild(options: RebuildOptions): Promise<void> {
  const startedAt = Date.now();
  const { events, documents } = await withStores(options, 'write', (stores) =>
    withFoldProgress('rebuilding', (progress) => rebuilderOf(stores).rebuild({ progress })),
  );
  const seconds = (Date.now() - startedAt) / 1_000;
  if (options.json) printJson({ events, documents, differing: 0, seconds });
  else print(`${events} events folded into ${documents} documents in ${seconds.toFixed(1)} s`);
}

async function compare(options: RebuildOptions): Promise<void> {
  const startedAt = Date.now();
  const compared = await withStores(options, 'read', (stores) =>
    withFoldProgress('comparing', (progress) => rebuilderOf(stores).compare({ progress })),
  );
  const { events, documents, differing, eventsMissing, first } = compared;
  if (differing > 0 || eventsMissing > 0) process.exitCode = EXIT.found;
  for (const { projection, id, kind, fields } of first) {
    note(`${projection} ${id}: ${kind}${fields.length > 0 ? ` in ${fields.join(', ')}` : ''}`);
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  if (options.json) {
    printJson({ events, documents, differing, eventsMissing, seconds, first });
    return;
  }
  print(
    `${events} events folded again: ${differing} of ${documents} documents differ, ` +
      `${eventsMissing} events missing (${seconds.toFixed(1)} s)`,
  );
}
