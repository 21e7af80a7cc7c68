import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { gate, until } from '#testing/notices';
import { serverSuite } from '../offered.js';
import { Postroom } from './postroom.js';
import {
  command,
  REDIS_VERSION,
  redisOffer,
  startRedis,
  type RedisServer,
} from './redis-server.js';

jest.setTimeout(180_000);

const NOTICES_COUNT = 200;
const FLUSH_EVERY = 10;
const KILL_EVERY = 40;

serverSuite(`faults of redis-server ${REDIS_VERSION ?? 'none'}`, redisOffer(), () => {
  let redis: RedisServer;
  let postroom: Postroom;

  beforeEach(async () => {
    redis = await startRedis();
    postroom = await Postroom.open(redis.url);
  });

  afterEach(async () => {
    await postroom.close();
    await redis.stop();
  });

  /** Nothing lost, nothing sent twice, and the read model and the log say the same. */
  async function expectEachSentOnce(noticeIds: readonly string[]): Promise<void> {
    await postroom.allSent(noticeIds.length);
    const wanted = noticeIds.map((id) => `<${id}@redress.invalid>`).toSorted();
    expect(postroom.messageIds.toSorted()).toEqual(wanted);
    const rows = await postroom.house.rows();
    expect(rows.filter(({ document }) => document.state !== 'sent')).toEqual([]);
    const types = (await postroom.house.events()).map(({ type }) => type);
    const count = (type: string) => types.filter((one) => one === type).length;
    expect({ raised: count('NoticeRaised'), sent: count('NoticeSent') }).toEqual({
      raised: noticeIds.length,
      sent: noticeIds.length,
    });
  }

  describe('nothing is lost and nothing is sent twice', () => {
    it('by FLUSHALL again and again under load', async () => {
      postroom.startWorker();
      postroom.startWorker();
      const ids: string[] = [];
      for (let index = 0; index < NOTICES_COUNT; index += 1) {
        ids.push((await postroom.house.acknowledge()).noticeId);
        if (index % FLUSH_EVERY === 0) await command(redis.port, 'FLUSHALL');
      }
      await command(redis.port, 'FLUSHALL');
      await expectEachSentOnce(ids);
    });

    it('by killing redis-server and starting it again without persistence', async () => {
      postroom.startWorker();
      postroom.startWorker();
      const { port } = redis;
      const ids: string[] = [];
      for (let index = 0; index < NOTICES_COUNT; index += 1) {
        ids.push((await postroom.house.acknowledge()).noticeId);
        if (index % KILL_EVERY !== KILL_EVERY / 2) continue;
        await redis.kill();
        ids.push((await postroom.house.acknowledge()).noticeId);
        redis = await startRedis({ port });
      }
      await expectEachSentOnce(ids);
    });

    it('while redis-server is away, and when it comes back', async () => {
      const worker = postroom.startWorker();
      const ids = [(await postroom.house.acknowledge()).noticeId];
      await postroom.allSent(1);
      await redis.kill();
      ids.push((await postroom.house.acknowledge()).noticeId);
      await until(() => worker.state.waitingFor.includes('notices.unavailable'));
      redis = await startRedis({ port: redis.port });
      await expectEachSentOnce(ids);
      await until(() => worker.state.waitingFor.length === 0);
    });

    it('when both workers are handed one notice', async () => {
      const { open, opened } = gate();
      postroom.sink.answer = async (stage) => {
        if (stage === 'content') await opened;
        return undefined;
      };
      const workers = [postroom.startWorker(), postroom.startWorker()];
      const { noticeId } = await postroom.house.acknowledge();
      const handed = () => workers.flatMap((worker) => worker.handed);
      await until(() => handed().length === 1);
      // The queue forgets that somebody is at it, and something gone mad arms it again and again.
      const queue = postroom.openQueue();
      await until(async () => {
        await command(redis.port, 'FLUSHALL');
        await queue.arm([noticeId]).catch(() => undefined);
        return handed().length >= 6 && workers.every((worker) => worker.handed.length > 0);
      });
      await queue.close(0);
      open();
      await expectEachSentOnce([noticeId]);
      expect(new Set(handed())).toEqual(new Set([noticeId]));
    });
  });

  describe('a wrong eviction policy', () => {
    it('stops the work on a running server, until it is set right', async () => {
      const worker = postroom.startWorker();
      const ids = [(await postroom.house.acknowledge()).noticeId];
      await postroom.allSent(1);
      await command(redis.port, 'CONFIG SET maxmemory-policy allkeys-lru');
      await until(() => worker.state.waitingFor.includes('notices.eviction-policy'));
      ids.push((await postroom.house.acknowledge()).noticeId);
      await until(() => worker.state.raised === 2);
      expect(postroom.sink.mails).toHaveLength(1);
      await command(redis.port, 'CONFIG SET maxmemory-policy noeviction');
      await expectEachSentOnce(ids);
    });

    it('stops it when the server that comes back has it', async () => {
      const worker = postroom.startWorker();
      const ids = [(await postroom.house.acknowledge()).noticeId];
      await postroom.allSent(1);
      const { port } = redis;
      await redis.kill();
      redis = await startRedis({ port, maxmemoryPolicy: 'volatile-lru' });
      await until(() => worker.state.waitingFor.includes('notices.eviction-policy'));
      ids.push((await postroom.house.acknowledge()).noticeId);
      await redis.kill();
      redis = await startRedis({ port });
      await expectEachSentOnce(ids);
    });
  });
});
