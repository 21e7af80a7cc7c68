import { readConfiguration } from '#wiring';
import { startStandalone, untilSignal, type Standalone } from './index.js';

const WRONG_CONFIGURATION = 2;
const STORE_NOT_TO_BE_HAD = 3;

const standalone = await start();
process.stderr.write(`Redress listens on ${standalone.address}; the API is described at /docs\n`);
await untilSignal(standalone);
process.exit(0);

async function start(): Promise<Standalone> {
  try {
    return await startStandalone(readConfiguration(process.env), {
      projector: 'worker',
      writeAccessLog: (text) => process.stderr.write(text),
    });
  } catch (error) {
    // What has a code is an answer to whoever started it; anything else is a fault with its stack.
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    const ofStores = /^(?:store|read-models)\./.test(error.code);
    return process.exit(ofStores ? STORE_NOT_TO_BE_HAD : WRONG_CONFIGURATION);
  }
}
