import { Worker } from 'node:worker_threads';
import type { Configuration } from '#wiring';
import type { Supervised } from '../process/index.js';

/** What the worker is told; the only message there is. */
export const STOP_MESSAGE = 'stop';

/** Sent by the worker when it waits a fault out, or before it ends because it broke. */
export type WorkerFault = {
  readonly waiting: boolean;
  readonly name: string;
  readonly code?: string;
  readonly stack?: string;
};

/** A fault of the projector in its thread; keeps the code and the stack that it had there. */
class ProjectorFailed extends Error {
  override readonly name = 'ProjectorFailed';
  readonly code: string;

  constructor({ name, code, stack }: Omit<WorkerFault, 'waiting'>) {
    super('the projector failed');
    this.code = code ?? name;
    if (stack !== undefined) this.stack = stack;
  }
}

const HEAP_MAX_MB = 256;

/**
 * The projector in a thread with connections of its own, so that folding and writing rows take
 * nothing from the thread that answers requests. Ends with the process.
 */
export function projectInThread(
  configuration: Configuration,
  script = new URL('./projector.worker.js', import.meta.url),
): Supervised {
  return async (signal, onWaiting) => {
    const worker = new Worker(script, {
      workerData: configuration,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
    });
    const stop = () => worker.postMessage(STOP_MESSAGE);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await ended(worker, onWaiting);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}

function ended(worker: Worker, onWaiting: (error: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', (fault: WorkerFault) => {
      if (fault.waiting) onWaiting(new ProjectorFailed(fault));
      else reject(new ProjectorFailed(fault));
    });
    worker.once('error', reject);
    worker.once('exit', (status) => {
      if (status === 0) resolve();
      else reject(new ProjectorFailed({ name: `exit-${status}` }));
    });
  });
}
