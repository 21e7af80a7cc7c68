import { Arrivals, pause } from '#event-store/port';

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/**
 * Works on the latest thing offered, one at a time, and tries again until it is done or something
 * later was offered: for places that may be slow or away, and need the last one only.
 */
export class LatestWorker<Item> {
  readonly #arrivals = new Arrivals();
  readonly #settled = new Arrivals();
  #next: { readonly item: Item } | undefined;
  #busy = false;
  #fault: unknown;

  constructor(
    /** Its signal is that of {@link run}. */
    private readonly work: (item: Item, signal: AbortSignal) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** What went wrong last, while it does. */
  get fault(): unknown {
    return this.#fault;
  }

  offer(item: Item): void {
    this.#next = { item };
    this.#arrivals.announce();
  }

  /** Works until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      const next = this.#next;
      if (!next) {
        await this.#arrivals.next(signal);
        continue;
      }
      this.#next = undefined;
      if (await this.#try(next.item, signal)) {
        pauseMs = RETRY_FIRST_MS;
        continue;
      }
      this.#next ??= next;
      await pause(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
    }
  }

  /** Resolves when everything offered is done, its try has failed, or the signal aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#busy || (this.#next && this.#fault === undefined))) {
      await this.#settled.next(signal);
    }
  }

  async #try(item: Item, signal: AbortSignal): Promise<boolean> {
    this.#busy = true;
    try {
      await this.work(item, signal);
      this.#fault = undefined;
      return true;
    } catch (error) {
      this.#fault = error;
      this.onFault(error);
      return false;
    } finally {
      this.#busy = false;
      this.#settled.announce();
    }
  }
}
