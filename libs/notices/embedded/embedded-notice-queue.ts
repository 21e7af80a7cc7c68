import {
  NoticeQueue,
  NoticesUnavailable,
  type DeliverNotice,
  type QueueDepth,
  type WorkOptions,
} from '#notices/port';

/** Notices that wait at one time; what is armed beyond is left to be armed again. */
export const WAITING_MAX = 10_000;

export type EmbeddedNoticeQueueOptions = {
  /** Told of what a delivery threw. */
  readonly onFault: (error: unknown) => void;
};

/** A queue in the memory of one process, for a house without servers. */
export class EmbeddedNoticeQueue extends NoticeQueue {
  readonly #waiting = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  #deliver: DeliverNotice | undefined;
  #concurrencyMax = 0;
  #closed = false;

  constructor(private readonly options: EmbeddedNoticeQueueOptions) {
    super();
  }

  override async check(): Promise<void> {
    if (this.#closed) throw new NoticesUnavailable('the queue of notices is closed');
  }

  override async arm(noticeIds: readonly string[]): Promise<void> {
    await this.check();
    for (const id of noticeIds) {
      if (this.#waiting.size >= WAITING_MAX) break;
      if (!this.#active.has(id)) this.#waiting.add(id);
    }
    this.#pump();
  }

  override work(deliver: DeliverNotice, { concurrencyMax }: WorkOptions): void {
    this.#deliver = deliver;
    this.#concurrencyMax = concurrencyMax;
    this.#pump();
  }

  override async depth(): Promise<QueueDepth> {
    await this.check();
    return { waiting: this.#waiting.size, active: this.#active.size };
  }

  override async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#waiting.clear();
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([Promise.all(this.#active.values()), grace]);
    clearTimeout(timer);
  }

  #pump(): void {
    const deliver = this.#deliver;
    if (!deliver || this.#closed) return;
    for (const id of this.#waiting) {
      if (this.#active.size >= this.#concurrencyMax) return;
      this.#waiting.delete(id);
      this.#active.set(id, this.#run(deliver, id));
    }
  }

  async #run(deliver: DeliverNotice, id: string): Promise<void> {
    // Not before the caller has noted that it is under way.
    await Promise.resolve();
    try {
      await deliver(id);
    } catch (error) {
      this.options.onFault(error);
    } finally {
      this.#active.delete(id);
      this.#pump();
    }
  }
}
