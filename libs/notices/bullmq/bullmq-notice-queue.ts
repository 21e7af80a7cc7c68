import { Queue, Worker } from 'bullmq';
import {
  EvictionPolicyRefused,
  NoticeQueue,
  NoticesUnavailable,
  type DeliverNotice,
  type QueueDepth,
  type WorkOptions,
} from '#notices/port';
import { within, type RedisLink } from './redis-link.js';
import { policyOf } from './redis-settings.js';

export type BullmqNoticeQueueOptions = {
  /** First part of every key, so that several houses may share a server. */
  readonly prefix: string;
  /** Told of what a delivery threw, and of what the driver met in the background. */
  readonly onFault: (error: unknown) => void;
};

const QUEUE = 'notices';
const JOB = 'deliver';
const POLICY_NEEDED = 'noeviction';
/** A worker that did not renew its lock for so long is dead, and its job is handed out again. */
const LOCK_DURATION_MS = 30_000;
const STALLED_INTERVAL_MS = 15_000;
/** A job is never given up here: what became of a notice stands in the log. */
const STALLED_COUNT_MAX = 1_000_000;
/** Longest wait for a job before the worker asks again; shorter than the silence that is allowed. */
const IDLE_WAIT_S = 1;
/** Pause of a worker whose server went away, before it looks again. */
const RETRY_DELAY_MS = 500;
/** Entries of the driver's own stream of happenings, which nobody reads. */
const HAPPENINGS_COUNT_MAX = 100;
/** For letting go of connections after the deliveries have ended. */
const DISCONNECT_MAX_MS = 2_000;

/** Hints in Redis, kept by BullMQ: a job a notice, named like it, without data. */
export class BullmqNoticeQueue extends NoticeQueue {
  readonly #active = new Set<Promise<void>>();
  #queue: Queue | undefined;
  #worker: Worker | undefined;
  #work: { readonly deliver: DeliverNotice; readonly options: WorkOptions } | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly options: BullmqNoticeQueueOptions,
  ) {
    super();
  }

  override async check(): Promise<void> {
    this.#refuseClosed();
    const policy = policyOf(await this.link.ask((redis) => redis.info('memory')));
    this.#refuseClosed();
    if (policy !== POLICY_NEEDED) {
      await this.#worker?.pause(true);
      throw new EvictionPolicyRefused(policy);
    }
    if (this.#worker?.isPaused()) await this.#worker.resume();
    this.#startWorker();
  }

  override async arm(noticeIds: readonly string[]): Promise<void> {
    await this.check();
    if (noticeIds.length === 0) return;
    const queue = this.#openQueue();
    const jobs = noticeIds.map((jobId) => ({ name: JOB, data: {}, opts: { jobId } }));
    await this.link.ask(() => queue.addBulk(jobs));
  }

  override work(deliver: DeliverNotice, options: WorkOptions): void {
    this.#work = { deliver, options };
  }

  override async depth(): Promise<QueueDepth> {
    this.#refuseClosed();
    const counts = await this.link.ask(() => this.#openQueue().getJobCounts('wait', 'active'));
    return { waiting: counts['wait'] ?? 0, active: counts['active'] ?? 0 };
  }

  override close(graceMs: number): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  #refuseClosed(): void {
    if (this.#closing) throw new NoticesUnavailable('the queue of notices is closed');
  }

  /** Not before the server was seen: the driver gives up for good what fails while it starts. */
  #openQueue(): Queue {
    if (this.#queue) return this.#queue;
    this.#queue = new Queue(QUEUE, {
      connection: this.link.redis,
      prefix: this.options.prefix,
      streams: { events: { maxLen: HAPPENINGS_COUNT_MAX } },
      defaultJobOptions: {
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
      },
    });
    this.#queue.on('error', this.options.onFault);
    return this.#queue;
  }

  #startWorker(): void {
    if (this.#worker || !this.#work) return;
    const { deliver, options } = this.#work;
    this.#worker = new Worker(QUEUE, async ({ id }) => await this.#deliver(deliver, id), {
      connection: this.link.redis,
      prefix: this.options.prefix,
      concurrency: options.concurrencyMax,
      lockDuration: LOCK_DURATION_MS,
      stalledInterval: STALLED_INTERVAL_MS,
      maxStalledCount: STALLED_COUNT_MAX,
      drainDelay: IDLE_WAIT_S,
      runRetryDelay: RETRY_DELAY_MS,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#worker.on('error', this.options.onFault);
  }

  async #deliver(deliver: DeliverNotice, id: string | undefined): Promise<void> {
    if (id === undefined) return;
    const delivery = deliver(id).catch((error: unknown) => this.options.onFault(error));
    this.#active.add(delivery);
    await delivery;
    this.#active.delete(delivery);
  }

  async #close(graceMs: number): Promise<void> {
    const worker = this.#worker;
    // Closing takes no new job from here on, and waits for those that are under way.
    const closed = worker?.close();
    await within(graceMs, Promise.all(this.#active)).catch(this.options.onFault);
    // A server that is away would be waited for; its connections are let go of first.
    if (!this.link.isReady) this.link.close();
    const ended = Promise.all([closed, this.#queue?.close()]);
    await within(DISCONNECT_MAX_MS, ended).catch(this.options.onFault);
    this.link.close();
  }
}
