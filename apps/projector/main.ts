import { readConfiguration } from '#wiring';
import { runProcess } from '../process/index.js';
import { startProjector } from './index.js';

await runProcess('projector', () => startProjector(readConfiguration(process.env)));
