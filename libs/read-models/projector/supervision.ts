import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '#event-store/port';
import { ReadModelsUnavailable, ShareLost } from '#read-models/port';

/** Faults in a row, without any progress between them, after which a supervised task gives up. */
export const FAULTS_MAX = 1_000;
const DELAY_MIN_MS = 50;
/** Short enough that what follows again after an outage does so within seconds. */
const DELAY_MAX_MS = 2_000;

/** Waits, or less long when the signal aborts. Replaced in tests. */
export type Wait = (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;

export const waitForReal: Wait = async (delayMs, signal) => {
  await pause(delayMs, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
};

export type Supervision = {
  readonly signal: AbortSignal | undefined;
  readonly wait: Wait;
  /** Told of each fault that is waited for to pass. */
  readonly onFault: (error: Error) => void;
};

/**
 * Runs a task and, while stores are unavailable, runs it again, each time after a longer wait.
 * The task calls `progressed` whenever something was stored.
 * @throws what the task throws, when that is no passing fault or after {@link FAULTS_MAX}.
 */
export async function supervised<Result>(
  { signal, wait, onFault }: Supervision,
  task: (progressed: () => void) => Promise<Result>,
): Promise<Result> {
  let faults = 0;
  const progressed = () => {
    faults = 0;
  };
  for (;;) {
    try {
      return await task(progressed);
    } catch (error) {
      signal?.throwIfAborted();
      faults += 1;
      if (!mayPass(error) || faults > FAULTS_MAX) throw error;
      onFault(error);
      await wait(Math.min(DELAY_MIN_MS * 2 ** Math.min(faults - 1, 20), DELAY_MAX_MS), signal);
      signal?.throwIfAborted();
    }
  }
}

export function mayPass(error: unknown): error is Error {
  return (
    error instanceof StoreUnavailable ||
    error instanceof ReadModelsUnavailable ||
    error instanceof ShareLost
  );
}
