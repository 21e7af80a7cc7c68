import { pause } from '#event-store/port';
import { NoticeArming } from './arm-notices.js';
import { deliverNotice } from './deliver-notice.js';
import { NOTICES_LIMITS, type NoticesOptions, type NoticesState } from './notices-options.js';
import { Progress, type Part } from './progress.js';
import { raiseNotices } from './raise-notices.js';

const RETRY_DELAY_FIRST_MS = 50;
const RETRY_DELAY_MAX_MS = 2_000;
/** Running for so long means that it had recovered. */
const RECOVERED_AFTER_MS = 5_000;

/** Notices being raised and delivered. */
export type Notices = {
  readonly state: NoticesState;
  /**
   * Takes nothing new in hand, finishes what is being delivered within the grace, and closes queue
   * and mail. The stores must be open until it resolves. Idempotent.
   */
  stop(): Promise<void>;
};

/** Raises notices from the log and delivers them, through every outage, until it is stopped. */
export function startNotices(options: NoticesOptions): Notices {
  const limits = { ...NOTICES_LIMITS, ...options.limits };
  const progress = new Progress(options.onFault);
  const arming = new NoticeArming({ ...options, limits, progress });
  const stopping = new AbortController();
  const ended = new AbortController();
  const delivering = { ...options, limits, progress, ended: ended.signal };
  options.queue.work(
    async (noticeId) => {
      try {
        await deliverNotice(delivering, noticeId);
        arming.release(noticeId);
        progress.went('delivering');
      } catch (error) {
        arming.hold(noticeId);
        progress.met('delivering', error);
      }
    },
    { concurrencyMax: limits.concurrencyMax },
  );
  const raising = {
    ...options,
    progress,
    onRaised: (noticeId: string) => arming.raised(noticeId),
    onHandled: (position: string) => arming.handled(position),
  };
  const { signal } = stopping;
  const parts = Promise.all([
    keepGoing('raising', () => raiseNotices(raising, signal), { progress, signal }),
    keepGoing('arming', () => arming.run(signal), { progress, signal }),
  ]);
  const stop = async () => {
    stopping.abort();
    await parts;
    await arming.moveBookmark().catch(options.onFault);
    await options.queue.close(limits.stopGraceMs);
    ended.abort();
    await options.mail.close();
  };
  let stopped: Promise<void> | undefined;
  return {
    get state() {
      return { running: !signal.aborted, ...progress.state() };
    },
    stop: () => (stopped ??= stop()),
  };
}

/** Runs a part until it is told to stop, and again, after a growing pause, when it met a fault. */
async function keepGoing(
  part: Part,
  run: () => Promise<void>,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<void> {
  let delayMs = RETRY_DELAY_FIRST_MS;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      await run();
    } catch (error) {
      // Whatever it is: what cannot be done now is tried again, and told of each time.
      progress.met(part, error);
    }
    const recovered = performance.now() - startedAt > RECOVERED_AFTER_MS;
    delayMs = recovered ? RETRY_DELAY_FIRST_MS : Math.min(delayMs * 2, RETRY_DELAY_MAX_MS);
    await pause(delayMs, signal);
  }
}
