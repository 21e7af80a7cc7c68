import { readConfiguration } from '#wiring';
import { runProcess, toStandardError } from '../process/index.js';
import { startSequencerProcess } from './index.js';

await runProcess('sequencer', () =>
  startSequencerProcess(readConfiguration(process.env), { writeAccessLog: toStandardError }),
);
