import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNotices, type Notices } from '#correspondence';
import { EvictionPolicyRefused } from '#notices/port';
import { House, until } from '#testing/notices';
import { openNotices, readConfiguration, type Configuration } from '#wiring';
import { serverSuite } from '../offered.js';
import { command, freePort, REDIS_VERSION, redisOffer, startRedis } from './redis-server.js';

jest.setTimeout(120_000);

const POLICIES = ['allkeys-lru', 'allkeys-random', 'volatile-lru', 'volatile-ttl'];

serverSuite(`starting with redis-server ${REDIS_VERSION ?? 'none'}`, redisOffer(), () => {
  let folder = '';
  let house: House;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'redress-notices-'));
    house = new House();
  });

  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
    await house.close();
    await rm(folder, { recursive: true, force: true });
  });

  function configurationFor(port: number): Configuration {
    return readConfiguration({
      REDRESS_STORES: 'servers',
      EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
      MONGODB_URL: 'mongodb://127.0.0.1:27017/redress',
      REDIS_URL: `redis://127.0.0.1:${port}`,
      REDRESS_DATA_DIR: folder,
    });
  }

  async function start(port: number, faults: unknown[]): Promise<Notices> {
    const onFault = (error: unknown) => faults.push(error);
    const parts = await openNotices(configurationFor(port), { onFault });
    if (!parts) throw new Error('notices are off');
    const { eventStore, readModels, clock, randomness } = house;
    const stores = { eventStore, readModels, clock, randomness };
    const notices = startNotices({ ...stores, ...parts, onFault });
    ends.push(() => notices.stop());
    return notices;
  }

  describe('the eviction policy', () => {
    it.each(POLICIES)('%s is refused at the start, with a code', async (maxmemoryPolicy) => {
      const redis = await startRedis({ maxmemoryPolicy });
      ends.push(() => redis.stop());
      const refused = openNotices(configurationFor(redis.port), { onFault: () => undefined });
      await expect(refused).rejects.toThrow(EvictionPolicyRefused);
      await expect(refused).rejects.toMatchObject({
        code: 'notices.eviction-policy',
        policy: maxmemoryPolicy,
      });
      // Nothing was put there, and nobody stayed.
      expect(await command(redis.port, 'DBSIZE')).toBe(':0\r\n');
    });
  });

  describe('a server that is not there', () => {
    it('is waited for; then everything is sent, once', async () => {
      const port = await freePort();
      const faults: unknown[] = [];
      const notices = await start(port, faults);
      const { noticeId } = await house.acknowledge();
      await until(() => notices.state.waitingFor.includes('notices.unavailable'));
      const redis = await startRedis({ port });
      ends.push(() => redis.stop());
      await until(async () => (await house.countIn('sent')) === 1);
      expect(await readdir(join(folder, 'outbox'))).toEqual([`${noticeId}.eml`]);
      await until(() => notices.state.waitingFor.length === 0);
    });

    it('does not work with the wrong policy when it comes', async () => {
      const port = await freePort();
      const notices = await start(port, []);
      await house.acknowledge();
      const redis = await startRedis({ port, maxmemoryPolicy: 'allkeys-lru' });
      ends.push(() => redis.stop());
      await until(() => notices.state.waitingFor.includes('notices.eviction-policy'));
      expect(await readdir(join(folder, 'outbox')).catch(() => [])).toEqual([]);
      await command(port, 'CONFIG SET maxmemory-policy noeviction');
      await until(async () => (await house.countIn('sent')) === 1);
    });
  });
});
