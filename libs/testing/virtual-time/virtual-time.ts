type Sleeper = { readonly atMs: number; readonly order: number; readonly wake: () => void };

/**
 * Time that passes only when told: who sleeps is woken in order, and all that follows from one
 * moment has happened before the next one comes. Makes hours of waiting take moments.
 */
export class VirtualTime {
  private sleeping: Sleeper[] = [];
  private passedMs = 0;
  private orders = 0;

  /** `turnsCount`: turns of the event loop that what happens in one moment may take. */
  constructor(private readonly turnsCount = 1) {}

  readonly now = (): number => this.passedMs;

  /** Sleeps, or less long when the signal aborts. */
  readonly sleep = (delayMs: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.orders += 1;
      const sleeper = {
        atMs: this.passedMs + Math.max(0, delayMs),
        order: this.orders,
        wake: () => {
          signal?.removeEventListener('abort', sleeper.wake);
          this.sleeping = this.sleeping.filter((one) => one !== sleeper);
          resolve();
        },
      };
      this.sleeping.push(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  };

  /** Lets so much time pass; `eachMoment` looks on after every moment at which something happened. */
  async pass(durationMs: number, eachMoment: () => void = () => {}): Promise<void> {
    const endMs = this.passedMs + durationMs;
    await this.settle();
    for (;;) {
      const next = Math.min(...this.sleeping.map(({ atMs }) => atMs));
      if (next > endMs) break;
      this.passedMs = next;
      const due = this.sleeping.filter(({ atMs }) => atMs === next);
      for (const { wake } of due.toSorted((a, b) => a.order - b.order)) wake();
      await this.settle();
      eachMoment();
    }
    this.passedMs = endMs;
  }

  private async settle(): Promise<void> {
    for (let turn = 0; turn < this.turnsCount; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
