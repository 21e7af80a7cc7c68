/** Wakes those who wait for new events within one process. Holds no timer. */
export class Arrivals {
  #waiting: (() => void)[] = [];

  /** Something new is stored, or the store closes: everybody looks again. */
  announce(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves at the next {@link announce} or when the signal aborts, and leaves nothing behind. */
  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = promiseWithResolve();
    this.#waiting.push(resolve);
    signal.addEventListener('abort', resolve, { once: true });
    await promise;
    signal.removeEventListener('abort', resolve);
    this.#waiting = this.#waiting.filter((wake) => wake !== resolve);
  }

  /** How many wait now; for tests that must know that a follower has come to rest. */
  get waitingCount(): number {
    return this.#waiting.length;
  }
}

/** A timer that is set for longer goes off at once: 24.8 days. */
const TIMER_MAX_MS = 2_147_483_647;

/** Resolves after so many milliseconds or when the signal aborts; leaves no timer behind. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  let leftMs = delayMs;
  do {
    await pauseOnce(Math.min(leftMs, TIMER_MAX_MS), signal);
    leftMs -= TIMER_MAX_MS;
  } while (leftMs > 0 && !signal.aborted);
}

async function pauseOnce(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = promiseWithResolve();
  const timer = setTimeout(resolve, delayMs);
  signal.addEventListener('abort', resolve, { once: true });
  await promise;
  signal.removeEventListener('abort', resolve);
  clearTimeout(timer);
}

function promiseWithResolve(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
