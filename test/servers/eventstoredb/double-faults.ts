import { status, type ServiceError } from '@grpc/grpc-js';
import { grpcError } from './double-messages.js';

/** Where an append is cut off: nothing is stored, or all is and the answer is lost. */
export type AppendFault = 'before-commit' | 'after-commit';

/** Codes with which 23.10 was seen to end a subscription. */
export type AbortCode = 1 | 10 | 13 | 14;

const ABORT_DETAILS: Readonly<Record<AbortCode, string>> = {
  [status.CANCELLED]: 'Operation was cancelled',
  [status.ABORTED]: 'Consumer too slow to handle event while live. Client resubscription required.',
  [status.INTERNAL]: 'Received RST_STREAM with code 0',
  [status.UNAVAILABLE]: 'Connection dropped',
};

/** Faults on demand. All hold until they are taken back, but where a count is named. */
export class DoubleFaults {
  readonly #subscriptions = new Set<(error: ServiceError) => void>();
  #append: { readonly fault: AppendFault; count: number } | undefined;
  #term = 0;
  #thaw: (() => void) | undefined;
  #frozen: Promise<void> | undefined;
  /** What the double has done to its clients so far. */
  readonly counters = { appendsCut: 0, subscriptionsAborted: 0, tooSlow: 0 };

  constructor(
    /** Ends every connection as a process that dies does. */
    readonly cutConnections: () => void,
  ) {}

  /** The next appends are cut off, with all connections; without a count until {@link healAppends}. */
  cutAppends(fault: AppendFault, count = Number.POSITIVE_INFINITY): void {
    this.#append = { fault, count };
  }

  healAppends(): void {
    this.#append = undefined;
  }

  /**
   * Another node leads from now on: appends on calls that are open are not handled any more, those on
   * new ones are, as the client finds the leader for each.
   */
  stepDown(): void {
    this.#term += 1;
  }

  /** Rises with each {@link stepDown}. */
  get term(): number {
    return this.#term;
  }

  /** Ends all live and catching-up subscriptions; answers how many there were. */
  abortSubscriptions(code: AbortCode): number {
    const aborted = [...this.#subscriptions];
    for (const abort of aborted) abort(grpcError(code, ABORT_DETAILS[code]));
    this.counters.subscriptionsAborted += aborted.length;
    return aborted.length;
  }

  /** Takes connections and calls, and answers nothing until {@link thaw}. */
  freeze(): void {
    this.#frozen ??= new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  thaw(): void {
    this.#thaw?.();
    this.#frozen = undefined;
    this.#thaw = undefined;
  }

  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** Resolves when the server is not frozen; undefined when it is not, so that nobody waits a turn. */
  frozen(): Promise<void> | undefined {
    return this.#frozen;
  }

  /** The fault that strikes the append that has just come. */
  takeAppendFault(): AppendFault | undefined {
    if (!this.#append) return undefined;
    const { fault } = this.#append;
    this.counters.appendsCut += 1;
    this.#append.count -= 1;
    if (this.#append.count <= 0) this.#append = undefined;
    return fault;
  }

  registerSubscription(abort: (error: ServiceError) => void): () => void {
    this.#subscriptions.add(abort);
    return () => void this.#subscriptions.delete(abort);
  }
}

export function tooSlow(): ServiceError {
  return grpcError(status.ABORTED, ABORT_DETAILS[status.ABORTED]);
}
