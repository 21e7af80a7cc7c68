import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/**
 * A witness as a process of its own. Arguments: folder, vkey of the log, and the step at the disk
 * before which it kills itself (0: none). Tells its address and vkey, and at the end its steps.
 */
const [folder = '', vkey = '', killedBefore = '0'] = process.argv.slice(2);
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === Number(killedBefore)) process.kill(process.pid, 'SIGKILL');
}

const { open, rename, link, mkdir } = promises;
Object.assign(promises, {
  rename: (...args: Parameters<typeof rename>) => (step(), rename(...args)),
  link: (...args: Parameters<typeof link>) => (step(), link(...args)),
  mkdir: (...args: Parameters<typeof mkdir>) => (step(), mkdir(...args)),
  open: async (...args: Parameters<typeof open>) => {
    step();
    const handle = await open(...args);
    const before = {
      writeFile: handle.writeFile.bind(handle),
      datasync: handle.datasync.bind(handle),
      sync: handle.sync.bind(handle),
    };
    return Object.assign(handle, {
      writeFile: (...data: Parameters<typeof before.writeFile>) => (
        step(),
        before.writeFile(...data)
      ),
      datasync: () => (step(), before.datasync()),
      sync: () => (step(), before.sync()),
    });
  },
});
syncBuiltinESMExports();

// After what it calls was replaced.
const { readWitnessSettings, runWitness, untilSignal } =
  await import('../../apps/witness/index.js');
const witness = await runWitness(
  readWitnessSettings({
    REDRESS_WITNESS_NAME: 'witness.test/killed',
    REDRESS_WITNESS_DIR: folder,
    REDRESS_WITNESS_LOGS: vkey,
    PORT: '0',
  }),
);
process.stdout.write(`${witness.address} ${witness.vkey}\n`);
await untilSignal(witness);
process.stdout.write(`${steps}\n`);
