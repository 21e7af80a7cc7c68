import { createHash } from 'node:crypto';
import { copyLog } from '#event-store/port';
import { logPlaceOf, openLog } from '#wiring';

/**
 * Copies a log until it is done or killed, a line on standard output for each piece that is copied.
 * Arguments: from, to, appends sent in one turn at most.
 */
const [from = '', to = '', appendsTogetherMax = '1'] = process.argv.slice(2);

const source = await openLog(logPlaceOf(from, {}), 'source');
const target = await openLog(logPlaceOf(to, {}), 'target');
/** A page at a time would leave few moments for a kill to come between. */
const READ_AT_ONCE = 20;

try {
  const readAll = source.store.readAll.bind(source.store);
  source.store.readAll = (options) => readAll({ ...options, pageSize: READ_AT_ONCE });
  const copied = await copyLog({
    source,
    target: { ...target, appendsTogetherMax: Number(appendsTogetherMax) },
    sha256: () => {
      const hash = createHash('sha256');
      return { add: (text) => hash.update(text), hex: () => hash.digest('hex') };
    },
    onProgress: (phase, events) => process.stdout.write(`${phase} ${events}\n`),
  });
  process.stdout.write(`${JSON.stringify(copied)}\n`);
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  process.stdout.write(`failed ${code}\n`);
  process.exitCode = 1;
} finally {
  await target.store.close();
  await source.store.close();
}
