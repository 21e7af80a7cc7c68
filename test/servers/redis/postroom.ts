import { startNotices, type Notices, type NoticesLimits } from '#correspondence';
import { openRedisNotices } from '#notices/bullmq';
import { SmtpTransport } from '#notices/mail';
import { NoticesUnavailable, type NoticeQueue } from '#notices/port';
import { House, until } from '#testing/notices';
import { startSmtpSink, type SmtpSink } from '../smtp/smtp-sink.js';

/** A worker as `apps/worker` runs it: BullMQ on a real Redis, mail over SMTP. */
export type PostroomWorker = Notices & {
  /** Every notice that it was handed, as often as it was. */
  readonly handed: readonly string[];
  /** What it met, but for Redis being away. */
  readonly faults: readonly unknown[];
};

/** One log, one mail server, and any number of workers on one Redis. */
export class Postroom {
  readonly house = new House();
  readonly workers: PostroomWorker[] = [];

  private constructor(
    readonly sink: SmtpSink,
    private readonly redisUrl: string,
  ) {}

  static async open(redisUrl: string): Promise<Postroom> {
    return new Postroom(await startSmtpSink(), redisUrl);
  }

  startWorker(limits: Partial<NoticesLimits> = {}): PostroomWorker {
    const handed: string[] = [];
    const faults: unknown[] = [];
    const onFault = (error: unknown) => {
      if (!(error instanceof NoticesUnavailable)) faults.push(error);
    };
    const { eventStore, readModels, clock, randomness } = this.house;
    const { queue, bookmark } = openRedisNotices({ url: this.redisUrl, prefix: 'house', onFault });
    const work = queue.work.bind(queue);
    queue.work = (deliver, options) =>
      work(async (id) => {
        handed.push(id);
        await deliver(id);
      }, options);
    const mail = new SmtpTransport({ url: this.sink.url, from: 'desk@redress.invalid' });
    const notices = startNotices({
      eventStore,
      readModels,
      clock,
      randomness,
      queue,
      mail,
      bookmark,
      onFault,
      limits: { tickMs: 50, ...limits },
    });
    const worker: PostroomWorker = {
      get state() {
        return notices.state;
      },
      stop: () => notices.stop(),
      handed,
      faults,
    };
    this.workers.push(worker);
    return worker;
  }

  /** A queue beside those of the workers, as something gone mad might hold. */
  openQueue(): NoticeQueue {
    const onFault = () => undefined;
    return openRedisNotices({ url: this.redisUrl, prefix: 'house', onFault }).queue;
  }

  /** Resolves when the read model says of so many that they were sent, and of none anything else. */
  async allSent(count: number): Promise<void> {
    await until(async () => (await this.house.countIn('sent')) >= count);
  }

  /** Message-IDs that the mail server took, in order. */
  get messageIds(): readonly string[] {
    return this.sink.mails.map(({ messageId }) => messageId);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.house.close();
    await this.sink.stop();
  }
}
