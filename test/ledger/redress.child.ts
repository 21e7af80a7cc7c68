import { failureOf } from '../../apps/cli/exit-status.js';
import { programOf } from '../../apps/cli/program.js';

/** `redress …` from source, as apps/cli/main.ts runs it from the build. */
try {
  await programOf('0').parseAsync(process.argv);
} catch (error) {
  const { status, code, message } = failureOf(error);
  process.stderr.write(`redress: ${message} [${code}]\n`);
  process.exitCode = status;
}
