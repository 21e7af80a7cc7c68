/**
 * Hands one notice to whoever delivers it. Called at least once for each notice that was armed, and
 * perhaps by two workers at a time: only the log says whose attempt counts. What it throws is told
 * to the queue's `onFault`, and the notice is forgotten until it is armed again.
 */
export type DeliverNotice = (noticeId: string) => Promise<void>;

export type WorkOptions = {
  /** Deliveries under way at one time in this process. */
  readonly concurrencyMax: number;
};

export type QueueDepth = { readonly waiting: number; readonly active: number };

/**
 * Which notices are to be delivered now: hints, never the truth. What is lost here is armed again
 * from the read model, so no job carries anything but the notice's id.
 */
export abstract class NoticeQueue {
  /**
   * Resolves when the queue can be relied on now; asks the server each time.
   * @throws NoticesUnavailable, EvictionPolicyRefused; so does {@link arm}.
   */
  abstract check(): Promise<void>;

  /** Idempotent by id for as long as a notice waits or is being delivered. */
  abstract arm(noticeIds: readonly string[]): Promise<void>;

  /** Starts to deliver what is armed, here or by others; goes on through outages. Called once. */
  abstract work(deliver: DeliverNotice, options: WorkOptions): void;

  /** @throws NoticesUnavailable */
  abstract depth(): Promise<QueueDepth>;

  /**
   * Takes nothing new, lets what is being delivered finish, but for no longer than `graceMs`, and
   * lets go of everything. Idempotent; later calls of the others throw NoticesUnavailable.
   */
  abstract close(graceMs: number): Promise<void>;
}
