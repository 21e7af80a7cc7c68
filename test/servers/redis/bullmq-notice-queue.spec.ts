import { inspect } from 'node:util';
import { isSignInRefused, openRedisNotices, redisSettings } from '#notices/bullmq';
import { noticeQueueContract, until } from '#testing/notices';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NoticesUnavailable } from '#notices/port';
import { serverSuite } from '../offered.js';
import {
  command,
  freePort,
  REDIS_VERSION,
  redisOffer,
  startRedis,
  type RedisServer,
} from './redis-server.js';

serverSuite(`notices on redis-server ${REDIS_VERSION ?? 'none'}`, redisOffer(), () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  noticeQueueContract(`bullmq on redis-server ${REDIS_VERSION ?? 'none'}`, {
    create: async () => {
      await command(redis.port, 'FLUSHALL');
      const faults: unknown[] = [];
      const onFault = (error: unknown) => faults.push(error);
      const open = () => openRedisNotices({ url: redis.url, prefix: 'house.test/one', onFault });
      const { queue, bookmark } = open();
      const reopened = open();
      return {
        queue,
        bookmark,
        faults,
        reopenBookmark: () => reopened.bookmark,
        remove: async () => {
          await queue.close(0);
          await reopened.queue.close(0);
        },
      };
    },
  });

  describe('settings for doctor', () => {
    it('are told from the server itself', async () => {
      const { clockSkewMs, ...settings } = await redisSettings(redis.url);
      expect(settings).toEqual({
        version: REDIS_VERSION,
        maxmemoryPolicy: 'noeviction',
        persistence: { appendOnly: false, snapshots: false },
      });
      expect(Math.abs(clockSkewMs)).toBeLessThan(60_000);
    });

    it('are not to be had of a server that is not there', async () => {
      const port = await freePort();
      const asking = redisSettings(`redis://127.0.0.1:${port}`);
      await expect(asking).rejects.toThrow(NoticesUnavailable);
      await expect(asking).rejects.toThrow('ECONNREFUSED');
      expect(isSignInRefused(await asking.catch((error: unknown) => error))).toBe(false);
    });
  });

  describe('a password that the server does not take', () => {
    let url: string;
    beforeAll(async () => {
      await command(redis.port, 'ACL SETUSER house on >right ~* &* +@all');
      url = redis.url.replace('//', '//house:hunter2@');
    });

    it('is said to doctor to be wrong, without it', async () => {
      const refused: unknown = await redisSettings(url).catch((error: unknown) => error);
      expect(inspect(refused, { depth: 9 })).toMatch(/NoticesUnavailable.*WRONGPASS/);
      expect(inspect(refused, { depth: 9 })).not.toContain('hunter2');
    });

    it('is said to be wrong by what waits for the server, without it', async () => {
      const { queue } = openRedisNotices({ url, prefix: 'house.test/two', onFault: () => {} });
      try {
        let told = '';
        await until(async () => {
          const refused: unknown = await queue.check().catch((error: unknown) => error);
          told = inspect(refused, { depth: 9 });
          return isSignInRefused(refused);
        });
        expect(told).toMatch(/NoticesUnavailable.*WRONGPASS/);
        expect(told).not.toContain('hunter2');
      } finally {
        await queue.close(0);
      }
    });
  });
});
