import type { Instant } from './instant.js';

/** The only way to the time of day; abstract so that it is also Nest's token and tests can turn it. */
export abstract class Clock {
  abstract now(): Instant;
}

/** The only way to randomness; a seed can stand behind it. */
export abstract class Randomness {
  /** `length` bytes that nobody can guess (unless a seed drives it on purpose). */
  abstract bytes(length: number): Uint8Array;
}
