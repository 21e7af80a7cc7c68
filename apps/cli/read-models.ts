import { Worker } from 'node:worker_threads';
import { Projector, SharedProjector, type Progress as FoldProgress } from '#read-models/projector';
import { projections } from '../contexts/contract.js';
import { ReadModelsUnavailable, type SharedReadModels } from '#read-models/port';
import type { Position } from '#kernel';
import type { Configuration, Stores } from '#wiring';
import { note } from './output.js';
import { startProgress } from './progress.js';

type StoresOfProjector = Pick<Stores, 'eventStore' | 'readModels' | 'shared'>;

const onFault = ({ message }: Error): void => note(`read models: ${message}; trying again`);

/** A projector over all read models, alone; tells of faults that it waits out. */
export function projectorOf({ eventStore, readModels }: StoresOfProjector): Projector {
  return new Projector({ eventStore, readModels, projections, onFault });
}

/** Who builds read models anew: beside the projectors of others where there may be some. */
export function rebuilderOf(stores: StoresOfProjector): Pick<Projector, 'rebuild' | 'compare'> {
  return stores.shared ? sharedProjectorOn(stores.shared, stores) : projectorOf(stores);
}

function sharedProjectorOn(
  readModels: SharedReadModels,
  { eventStore }: StoresOfProjector,
): SharedProjector {
  return new SharedProjector({ eventStore, readModels, projections, onFault });
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

export type ProjectorBeside = {
  /** Resolves when every read model has passed the position. @throws when the projector has failed. */
  readonly reached: (position: Position) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** How long one wait for a read model lasts before the projector's health is looked at again. */
const WAIT_MS = 1_000;
/** The same thread that the server runs; not imported, because it is a program of its own. */
const THREAD = new URL('../standalone/projector.worker.js', import.meta.url);
const STOP_MESSAGE = 'stop';
/** Left to itself, V8 lets garbage grow past what a whole import needs. */
const HEAP_MAX_MB = 96;
const YOUNG_MAX_MB = 16;

/**
 * Keeps the read models while a command writes the log: from another thread where stores are
 * embedded; as one more projector of those that share the work where they are servers, so that it
 * makes no difference to the command whether others run.
 */
export function startProjector(configuration: Configuration, stores: Stores): ProjectorBeside {
  if (stores.shared) return startSharedProjector(stores.shared, stores);
  return startProjectorThread(configuration, stores);
}

function startSharedProjector(shared: SharedReadModels, stores: Stores): ProjectorBeside {
  const stopping = new AbortController();
  let failure: Error | undefined;
  const ended = sharedProjectorOn(shared, stores)
    .run(stopping.signal)
    .catch((error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
  return {
    reached: (position) => whenReached(stores, position, () => failure),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/** Resolves when every read model has passed the position. @throws what has gone wrong, if anything. */
async function whenReached(
  { readModels }: Pick<Stores, 'readModels'>,
  position: Position,
  failureOf: () => Error | undefined,
): Promise<void> {
  for (const { projection } of projections) {
    // Bounded by the projector: it either comes there or ends with a failure.
    while (!(await readModels.waitFor(projection, position, WAIT_MS))) {
      const failure = failureOf();
      if (failure) throw failure;
    }
  }
}

function startProjectorThread(configuration: Configuration, stores: Stores): ProjectorBeside {
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
    reached: (position) => whenReached(stores, position, () => failure),
    stop: async () => {
      worker.postMessage(STOP_MESSAGE);
      await ended;
    },
  };
}
