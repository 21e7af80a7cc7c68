import type { WriteText } from '#http';
import { codeOf, writeFault } from './log-line.js';

/** What lasts is told of again after so long, then after twice that, and so on. */
const TELL_AGAIN_FIRST_MS = 5_000;
const TELL_AGAIN_MAX_MS = 300_000;
/** Codes that are told apart; what comes beyond is told of each time. */
const CODES_MAX = 100;

/** When something that lasts is told of again: less and less often. */
export class GrowingInterval {
  #toldAtMs: number;
  #tellAfterMs = TELL_AGAIN_FIRST_MS;

  /** Counts from a first time that was told of now. */
  constructor(private readonly monotonicMs: () => number) {
    this.#toldAtMs = monotonicMs();
  }

  /** Asked whenever it is met again; a yes counts as told. */
  isTimeToTell(): boolean {
    const nowMs = this.monotonicMs();
    if (nowMs - this.#toldAtMs < this.#tellAfterMs) return false;
    this.#toldAtMs = nowMs;
    this.#tellAfterMs = Math.min(this.#tellAfterMs * 2, TELL_AGAIN_MAX_MS);
    return true;
  }
}

type Met = { readonly interval: GrowingInterval; lastAtMs: number };

/** What was not met for so long had passed: the next time it is news again. */
const PASSED_AFTER_MS = 60_000;

/**
 * Tells of the faults of one part of the process, each kind at once and then at growing intervals:
 * what is tried again every second would otherwise bury the log.
 */
export class FaultLog {
  readonly #met = new Map<string, Met>();

  constructor(
    private readonly write: WriteText,
    private readonly what: string,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  tell(error: unknown): void {
    const code = codeOf(error);
    const nowMs = this.monotonicMs();
    const known = this.#met.get(code);
    if (known && nowMs - known.lastAtMs < PASSED_AFTER_MS) {
      known.lastAtMs = nowMs;
      if (!known.interval.isTimeToTell()) return;
    } else if (known !== undefined || this.#met.size < CODES_MAX) {
      const interval = new GrowingInterval(this.monotonicMs);
      this.#met.set(code, { interval, lastAtMs: nowMs });
    }
    writeFault(this.write, this.what, error);
  }
}
