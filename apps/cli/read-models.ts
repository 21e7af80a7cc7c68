import { Worker } from 'node:worker_threads';
import { Projector, type Progress as FoldProgress } from '#read-models/projector';
import { projections } from '../contexts/contract.js';
import { ReadModelsUnavailable } from '#read-models/port';
import type { Position } from '#kernel';
import type { Configuration, Stores } from '#wiring';
import { note } from './output.js';
import { startProgress } from './progress.js';

/** A projector over all read models; tells of faults that it waits out. */
export function projectorOf({
  eventStore,
  readModels,
}: Pick<Stores, 'eventStore' | 'readModels'>): Projector {
  return new Projector({
    eventStore,
    readModels,
    projections,
    onFault: ({ message }) => note(`read models: ${message}; trying again`),
  });
}

/** Brings the read models to where the log is, in this thread. */
export async function catchUp(stores: Stores, label: string): Promise<void> {
  await withFoldProgress(label, (progress) => projectorOf(stores).catchUp({ progress }));
}

/** Runs a fold with a progress bar. */
export async function withFoldProgress<Result>(
  label: string,
  fold: (progress: (progress: FoldProgress) => void) => Promise<Result>,
): Promise<Result> {
  const progress = startProgress(label);
  try {
    return await fold(({ events, eventsTotal }) => progress.update(events, eventsTotal));
  } finally {
    progress.stop();
  }
}

/** What the thread says of its fault: the code, or else the error's name. */
function faultOf(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null) return 'an unknown fault';
  if ('code' in fault && typeof fault.code === 'string') return fault.code;
  return 'name' in fault && typeof fault.name === 'string' ? fault.name : 'an unknown fault';
}

export type ProjectorThread = {
  /** Resolves when every read model has passed the position. @throws when the thread has failed. */
  readonly reached: (position: Position) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** How long one wait for a read model lasts before the thread's health is looked at again. */
const WAIT_MS = 1_000;
/** The same thread that the server runs; not imported, because it is a program of its own. */
const THREAD = new URL('../standalone/projector.worker.js', import.meta.url);
const STOP_MESSAGE = 'stop';
/** Left to itself, V8 lets garbage grow past what a whole import needs. */
const HEAP_MAX_MB = 96;
const YOUNG_MAX_MB = 16;

/** Keeps the read models from another thread, while this one writes the log. */
export function startProjectorThread(
  configuration: Configuration,
  { readModels }: Stores,
): ProjectorThread {
  const worker = new Worker(THREAD, {
    workerData: configuration,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB, maxYoungGenerationSizeMb: YOUNG_MAX_MB },
  });
  let failure: Error | undefined;
  // Before it ends because it broke, it says why.
  worker.once('message', (fault: unknown) => {
    const message = `the projector failed with ${faultOf(fault)}; the log is whole, and the next server or \`redress rebuild\` folds it`;
    failure = new ReadModelsUnavailable('read-models.unavailable', message, { cause: fault });
  });
  const ended = new Promise<void>((resolve) => {
    worker.once('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.once('exit', () => resolve());
  });
  return {
    reached: async (position) => {
      for (const { projection } of projections) {
        // Bounded by the thread: it either comes there or ends with a failure.
        while (!(await readModels.waitFor(projection, position, WAIT_MS))) {
          if (failure) throw failure;
        }
      }
    },
    stop: async () => {
      worker.postMessage(STOP_MESSAGE);
      await ended;
    },
  };
}
