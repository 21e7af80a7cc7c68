import { readConfiguration } from '#wiring';
import { runProcess, toStandardError } from '../process/index.js';
import { startStandalone } from './index.js';

await runProcess('standalone', () =>
  startStandalone(readConfiguration(process.env), {
    projector: 'worker',
    writeAccessLog: toStandardError,
  }),
);
