import { readConfiguration } from '#wiring';
import { startStandalone, untilSignal } from './index.js';

const standalone = await startStandalone(readConfiguration(process.env), {
  projector: 'worker',
  writeAccessLog: (text) => process.stderr.write(text),
});
process.stderr.write(`Redress listens on ${standalone.address}; the API is described at /docs\n`);
await untilSignal(standalone);
process.exit(0);
