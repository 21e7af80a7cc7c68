import { readWitnessSettings, runWitness, untilSignal } from './index.js';

/** As all processes end: 2 for what was set wrongly, 3 for what cannot be had. */
const WRONG_CONFIGURATION = 2;
const NOT_TO_BE_HAD = 3;
const SET_WRONGLY = /^(?:configuration|usage)\./;

// Without the frame of the other processes: a witness is for machines that run nothing else of ours.
try {
  const witness = await runWitness(readWitnessSettings(process.env));
  const { address, vkey } = witness;
  process.stderr.write(`Redress witness listens on ${address}\nits key: ${vkey}\n`);
  await untilSignal(witness);
} catch (error) {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = SET_WRONGLY.test(error.code) ? WRONG_CONFIGURATION : NOT_TO_BE_HAD;
}
