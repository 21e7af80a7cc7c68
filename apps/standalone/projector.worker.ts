import { parentPort, workerData } from 'node:worker_threads';
import { projections } from '#complaints/contract';
import { Projector } from '#read-models/projector';
import { openStores, type Configuration } from '#wiring';
import { STOP_MESSAGE, type WorkerFault } from './projection-thread.js';

const stopping = new AbortController();
parentPort?.on('message', (message: unknown) => {
  if (message === STOP_MESSAGE) stopping.abort();
});

try {
  const stores = await openStores(workerData as Configuration, 'project');
  try {
    const { eventStore, readModels } = stores;
    await new Projector({ eventStore, readModels, projections }).run(stopping.signal);
  } finally {
    await stores.close();
  }
} catch (error) {
  parentPort?.postMessage(faultOf(error));
  process.exitCode = 1;
} finally {
  // Nothing may keep the thread alive once the projector has ended.
  parentPort?.close();
}

function faultOf(error: unknown): WorkerFault {
  if (!(error instanceof Error)) return { name: 'unknown' };
  const { name, stack } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name,
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
  };
}
