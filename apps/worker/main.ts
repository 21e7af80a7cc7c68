import { readConfiguration } from '#wiring';
import { runProcess } from '../process/index.js';
import { startWorker } from './index.js';

await runProcess('worker', () => startWorker(readConfiguration(process.env)));
