import { BullmqNoticeQueue, type BullmqNoticeQueueOptions } from './bullmq-notice-queue.js';
import { RedisBookmark } from './redis-bookmark.js';
import { RedisLink } from './redis-link.js';

export type RedisNoticesOptions = BullmqNoticeQueueOptions & {
  /** `redis://…` or `rediss://…`; may hold a password, so never told to anybody. */
  readonly url: string;
};

/** Queue and bookmark on one connection; does not wait for the server. Closing the queue ends both. */
export function openRedisNotices({ url, ...options }: RedisNoticesOptions): {
  readonly queue: BullmqNoticeQueue;
  readonly bookmark: RedisBookmark;
} {
  const link = new RedisLink(url);
  return {
    queue: new BullmqNoticeQueue(link, options),
    bookmark: new RedisBookmark(link, `${options.prefix}:notices-bookmark`),
  };
}
