import { setTimeout as delay } from 'node:timers/promises';

/**
 * What is kept running: resolves when told to stop, rejects when it broke. Faults that it waits out
 * by itself it only tells of, each time it meets them.
 */
export type Supervised = (
  signal: AbortSignal,
  onWaiting: (error: unknown) => void,
) => Promise<void>;

export type SupervisorState = {
  readonly running: boolean;
  /** It met a fault that it waits out, and may still do so. */
  readonly waiting: boolean;
  /** How often it broke and was started again. */
  readonly restarts: number;
  /** Code or name of what broke it last; the log has the rest. */
  readonly lastFault?: string;
};

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** Running for so long means that it had recovered, and the next fault starts from a short pause. */
const RECOVERED_AFTER_MS = 60_000;
/** Who waits a fault out tries again within 10 s, and tells of it again if it is still there. */
const WAITING_FOR_MS = 15_000;

/** Runs a thing until it is told to stop, and starts it again, after a growing pause, when it breaks. */
export class Supervisor {
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #state: Omit<SupervisorState, 'waiting'> = { running: false, restarts: 0 };
  #waitingSince = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly supervised: Supervised,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.#ended = this.keepRunning();
  }

  get state(): SupervisorState {
    const waiting = performance.now() - this.#waitingSince < WAITING_FOR_MS;
    return { ...this.#state, waiting };
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  private async keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = BACKOFF_FIRST_MS;
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        this.#state = { ...this.#state, running: true };
        await this.supervised(signal, (error) => this.tellOfWaiting(error));
        if (!signal.aborted) throw new Error('ended without being told to');
      } catch (error) {
        const { restarts } = this.#state;
        this.#state = { running: false, restarts: restarts + 1, lastFault: nameOf(error) };
        this.onFault(error);
        const recovered = performance.now() - startedAt > RECOVERED_AFTER_MS;
        pauseMs = recovered ? BACKOFF_FIRST_MS : Math.min(pauseMs * 2, BACKOFF_MAX_MS);
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#state = { ...this.#state, running: false };
  }

  private tellOfWaiting(error: unknown): void {
    this.#waitingSince = performance.now();
    this.#state = { ...this.#state, lastFault: nameOf(error) };
    this.onFault(error);
  }
}

/** Not asked by `instanceof`: what a thread threw may be of another realm. */
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'unknown';
}
