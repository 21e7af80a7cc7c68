// The image's one entry: `node deploy/enter.mjs api|projector|worker|sequencer|witness|standalone|cli …`.
// The program runs in this very process, so that the signals of a container engine reach it.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const PROGRAMS = ['api', 'projector', 'worker', 'sequencer', 'witness', 'standalone', 'cli'];
const USAGE_ERROR = 2;

const [, , name = '', ...args] = process.argv;
if (PROGRAMS.includes(name)) {
  const entry = join(import.meta.dirname, '..', 'dist', 'apps', name, 'main.js');
  process.argv = [process.argv[0] ?? 'node', entry, ...args];
  await import(pathToFileURL(entry).href);
} else {
  process.stderr.write(`enter: one of ${PROGRAMS.join(', ')}, not "${name}"\n`);
  process.exitCode = USAGE_ERROR;
}
