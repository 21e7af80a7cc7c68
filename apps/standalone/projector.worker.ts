import { parentPort, workerData } from 'node:worker_threads';
import { projections } from '../contexts/contract.js';
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
    const onFault = (error: Error) => tell(error, { waiting: true });
    const projector = new Projector({ eventStore, readModels, projections, onFault });
    await projector.run(stopping.signal);
  } finally {
    await stores.close();
  }
} catch (error) {
  tell(error, { waiting: false });
  process.exitCode = 1;
} finally {
  // Nothing may keep the thread alive once the projector has ended.
  parentPort?.close();
}

function tell(error: unknown, { waiting }: Pick<WorkerFault, 'waiting'>): void {
  const { name, stack } = error instanceof Error ? error : { name: 'unknown', stack: undefined };
  const coded = error instanceof Error && 'code' in error && typeof error.code === 'string';
  const fault: WorkerFault = {
    waiting,
    name,
    ...(coded ? { code: error.code as string } : {}),
    ...(stack === undefined ? {} : { stack }),
  };
  parentPort?.postMessage(fault);
}
