import fs from 'node:fs';
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

/** Counts the calls of some functions of a module, for everybody who imports it from now on. */
function count(module: object, names: readonly string[]): void {
  for (const name of names) {
    const original: unknown = Reflect.get(module, name);
    if (typeof original !== 'function') throw new Error(`there is no ${name}`);
    Reflect.set(module, name, (...args: readonly unknown[]): unknown => {
      step();
      return Reflect.apply(original, module, args);
    });
  }
}

const CHANGING = ['open', 'writeFile', 'rename', 'link', 'mkdir', 'rm'] as const;
count(promises, CHANGING);
count(fs, [...CHANGING.map((name) => `${name}Sync`), 'fsync', 'fdatasync', 'closeSync']);
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
