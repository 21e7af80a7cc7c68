import { Arrivals, type FollowedPage } from '#event-store/port';
import type { SigningSession } from './signing-session.js';

/** What was read and is not signed yet: between the one who reads and the one who signs. */
export class PendingLeaves {
  /** Something was read. */
  readonly arrived = new Arrivals();
  /** Something was signed. */
  readonly signed = new Arrivals();
  #signedSize: number;
  #firstAtMs: number | undefined;
  #caughtUp = false;

  constructor(readonly session: SigningSession) {
    this.#signedSize = session.size;
  }

  get unsigned(): number {
    return this.session.size - this.#signedSize;
  }

  add({ events, caughtUp }: FollowedPage): void {
    this.session.add(events);
    this.#caughtUp = caughtUp;
    if (events.length > 0) this.#firstAtMs ??= performance.now();
    this.arrived.announce();
  }

  /** Whether all that the log has was read, when it was looked at last. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Whether there is something to sign. An empty log is one only when it was looked at. */
  get isDue(): boolean {
    return this.session.needsPublishing && (this.#caughtUp || this.unsigned > 0);
  }

  /** Since the first leaf that is not signed. */
  waitedMs(): number {
    return this.#firstAtMs === undefined
      ? Number.POSITIVE_INFINITY
      : performance.now() - this.#firstAtMs;
  }

  /** Everything read so far is being signed: what comes from now on waits for the next time. */
  take(): number {
    this.#firstAtMs = undefined;
    return this.session.size;
  }

  markSigned(size: number): void {
    this.#signedSize = size;
    this.signed.announce();
  }
}
