import { join } from 'node:path';
import { EmbeddedNoticeQueue, FileBookmark } from '#notices/embedded';
import {
  NoticesUnavailable,
  type Bookmark,
  type MailTransport,
  type NoticeQueue,
} from '#notices/port';
import type { Configuration, NoticesConfiguration } from './configuration.js';
import { requiredRedisUrl } from './server-urls.js';

/** What notices are delivered with; `startNotices` takes it over, and closes it. */
export type NoticeParts = {
  readonly queue: NoticeQueue;
  readonly mail: MailTransport;
  readonly bookmark: Bookmark;
};

export type OpenNoticesOptions = {
  /** Told of what queue and driver meet in the background. */
  readonly onFault: (error: unknown) => void;
};

const BOOKMARK_FILE = 'notices-bookmark';
/** How long a start waits to see whether a server is one that must be refused. */
const FIRST_LOOK_MAX_MS = 2_000;
const FIRST_LOOK_PAUSE_MS = 50;
const CLOSE_GRACE_MS = 0;

/**
 * Queue, mail and bookmark as the configuration says; undefined when notices are off. A server that
 * is not there does not hinder the start: it is waited for.
 *
 * @throws EvictionPolicyRefused; ConfigurationInvalid when servers are wanted and REDIS_URL is not
 * set. Nothing is left open then.
 */
export async function openNotices(
  configuration: Configuration,
  options: OpenNoticesOptions,
): Promise<NoticeParts | undefined> {
  const { notices, dataDir } = configuration;
  if (notices.kind === 'off') return undefined;
  const hints = configuration.servers
    ? await openOnRedis(configuration, requiredRedisUrl(configuration.servers), options)
    : {
        queue: new EmbeddedNoticeQueue(options),
        bookmark: new FileBookmark(join(dataDir, BOOKMARK_FILE)),
      };
  try {
    return { ...hints, mail: await openMail(notices, options) };
  } catch (error) {
    await hints.queue.close(CLOSE_GRACE_MS);
    throw error;
  }
}

/** Loaded only where it is used: an embedded house starts without any driver of a server. */
async function openOnRedis(
  { origin }: Configuration,
  url: string,
  { onFault }: OpenNoticesOptions,
): Promise<Pick<NoticeParts, 'queue' | 'bookmark'>> {
  const { openRedisNotices } = await import('#notices/bullmq');
  const { queue, bookmark } = openRedisNotices({ url, prefix: origin, onFault });
  try {
    await lookOnce(queue);
  } catch (error) {
    await queue.close(CLOSE_GRACE_MS);
    throw error;
  }
  return { queue, bookmark };
}

/** Resolves when the server is as it should be, or is not to be seen yet. @throws EvictionPolicyRefused */
async function lookOnce(queue: NoticeQueue): Promise<void> {
  const deadline = performance.now() + FIRST_LOOK_MAX_MS;
  while (performance.now() < deadline) {
    try {
      await queue.check();
      return;
    } catch (error) {
      if (!(error instanceof NoticesUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_LOOK_PAUSE_MS));
    }
  }
}

async function openMail(
  notices: Exclude<NoticesConfiguration, { readonly kind: 'off' }>,
  { onFault }: OpenNoticesOptions,
): Promise<MailTransport> {
  const { OutboxTransport, SmtpTransport } = await import('#notices/mail');
  if (notices.kind === 'smtp') return new SmtpTransport(notices);
  const outbox = new OutboxTransport(notices);
  // A folder that is away now may be there for the first letter.
  await outbox.clearLeftovers().catch(onFault);
  return outbox;
}
