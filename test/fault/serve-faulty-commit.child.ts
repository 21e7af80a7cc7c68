import { SqliteEventStore } from '#event-store/sqlite';
import { SqliteReadModels } from '#read-models/sqlite';
import { readConfiguration, SystemClock, SystemRandomness } from '#wiring';
import { startStandalone } from '../../apps/standalone/index.js';

/**
 * The server on a disk that errs at one commit. Prints its address. Arguments: directory; the number
 * of the commit that errs (0: none); whether it errs `before` or `after` the commit is on disk; whether
 * the log is signed (`on`), for what is signed is committed too.
 */
const [directory = '', faulty = '0', when = 'before', ledger = 'off'] = process.argv.slice(2);

let commits = 0;
const eventStore = await SqliteEventStore.open({
  directory,
  mode: 'write',
  commit: (run) => {
    commits += 1;
    if (commits !== Number(faulty)) {
      run();
      return;
    }
    if (when === 'after') run();
    throw new Error('disk I/O error');
  },
});
const readModels = await SqliteReadModels.open({ directory, mode: 'write' });
const configuration = readConfiguration(
  { REDRESS_LEDGER: ledger },
  { dataDir: directory, port: 0 },
);
const standalone = await startStandalone(configuration, {
  projector: 'same-thread',
  stores: { eventStore, readModels, clock: new SystemClock(), randomness: new SystemRandomness() },
});
process.stdout.write(`${standalone.address}\n`);
process.once('SIGTERM', () => void standalone.close().then(() => process.exit(0)));
