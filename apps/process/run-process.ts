import type { Running } from './listening.js';
import { untilSignal } from './until-signal.js';

const WRONG_CONFIGURATION = 2;
const STORE_NOT_TO_BE_HAD = 3;

/**
 * The whole life of a process: starts it, says where it listens, ends it cleanly at a signal.
 * What has a code is an answer to whoever started it, and ends with a status; anything else is a
 * fault with its stack.
 */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<never> {
  const running = await started(start);
  process.stderr.write(`Redress ${name} listens on ${running.address}\n`);
  await untilSignal(running);
  return process.exit(0);
}

async function started(start: () => Promise<Running>): Promise<Running> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    return process.exit(statusOf(error.code));
  }
}

/** A server that is not as it must be is to be set right there: the configuration is not wrong. */
export function statusOf(code: string): number {
  const ofStores = /^(?:store|read-models|notices)\./.test(code);
  return ofStores ? STORE_NOT_TO_BE_HAD : WRONG_CONFIGURATION;
}
