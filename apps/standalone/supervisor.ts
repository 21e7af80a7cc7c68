import { setTimeout as delay } from 'node:timers/promises';

/** What is kept running: resolves when told to stop, rejects when it broke. */
export type Supervised = (signal: AbortSignal) => Promise<void>;

export type SupervisorState = {
  readonly running: boolean;
  /** How often it broke and was started again. */
  readonly restarts: number;
  /** Code or name of what broke it last; the log has the rest. */
  readonly lastFault?: string;
};

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;
/** Running for so long means that it had recovered, and the next fault starts from a short pause. */
const RECOVERED_AFTER_MS = 60_000;

/** Runs a thing until it is told to stop, and starts it again, after a growing pause, when it breaks. */
export class Supervisor {
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #state: SupervisorState = { running: false, restarts: 0 };

  constructor(
    private readonly supervised: Supervised,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.#ended = this.keepRunning();
  }

  get state(): SupervisorState {
    return this.#state;
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
        await this.supervised(signal);
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
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
