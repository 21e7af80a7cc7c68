import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { EXIT, failureOf, type ExitStatus } from './exit-status.js';
import { note } from './output.js';
import { programOf } from './program.js';

/**
 * Who reads our results may stop reading, as `head` does: that is no fault, and ends the command with
 * the status that it has by then. Notes that nobody reads end nothing: an import goes on.
 */
function outliveReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done);
    note(`redress: the results cannot be written: ${error.message} [output.unavailable]`);
    process.exit(EXIT.unavailable);
  });
  // A note that cannot be written cannot be told of, either.
  process.stderr.on('error', () => undefined);
}

function versionOfProduct(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const known = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return known ? String(parsed.version) : 'unknown';
}

async function run(): Promise<ExitStatus> {
  try {
    await programOf(versionOfProduct()).parseAsync(process.argv);
    return process.exitCode === EXIT.found ? EXIT.found : EXIT.done;
  } catch (error) {
    // Commander has printed the help or its complaint already.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      note('redress: wrong use [usage.invalid]');
      return EXIT.wrongUse;
    }
    const { status, code, message, unexpected } = failureOf(error);
    note(`redress: ${message} [${code}]`);
    if (unexpected && error instanceof Error && process.env['REDRESS_DEBUG']) {
      note(error.stack ?? '');
    }
    return status;
  }
}

outliveReaders();
process.exitCode = await run();
