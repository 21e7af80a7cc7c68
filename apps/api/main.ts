import { readConfiguration } from '#wiring';
import { runProcess, toStandardError } from '../process/index.js';
import { startApi } from './index.js';

await runProcess('api', () =>
  startApi(readConfiguration(process.env), { writeAccessLog: toStandardError }),
);
