import { randomFillSync } from 'node:crypto';
import { Clock, instantFromMillis, Randomness, type Instant } from '#kernel';

/** The machine's clock. */
export class SystemClock extends Clock {
  override now(): Instant {
    return instantFromMillis(Date.now());
  }
}

const POOL_SIZE_BYTES = 4_096;

/** The operating system's random numbers, fetched a few kilobytes at a time: a call costs more. */
export class SystemRandomness extends Randomness {
  readonly #pool = new Uint8Array(POOL_SIZE_BYTES);
  #used = POOL_SIZE_BYTES;

  override bytes(length: number): Uint8Array {
    if (length > POOL_SIZE_BYTES) return randomFillSync(new Uint8Array(length));
    if (this.#used + length > POOL_SIZE_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const bytes = this.#pool.slice(this.#used, this.#used + length);
    // What was handed out must not be found in memory by a later reader of the pool.
    this.#pool.fill(0, this.#used, this.#used + length);
    this.#used += length;
    return bytes;
  }
}
