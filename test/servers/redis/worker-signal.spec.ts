import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store/sqlite';
import { spawnTypescript, type TypescriptChild } from '#testing/child-process';
import { acknowledgeIn, House, noticeEventsOf, until } from '#testing/notices';
import { serverSuite } from '../offered.js';
import { startSmtpSink, type SmtpSink } from '../smtp/smtp-sink.js';
import { REDIS_VERSION, redisOffer, startRedis, type RedisServer } from './redis-server.js';

jest.setTimeout(180_000);

const SCRIPT = new URL('./worker.child.ts', import.meta.url);
const NOTICES_COUNT = 40;
/** So many mails are out before the signal comes. */
const SENT_BEFORE = 10;
const MAIL_DELAY_MS = 20;
const ROUNDS_MAX = 3;
/** Deliveries of one worker under way at one time. */
const CONCURRENCY = 4;

serverSuite(`signals to a worker, on redis-server ${REDIS_VERSION ?? 'none'}`, redisOffer(), () => {
  let redis: RedisServer;
  let sink: SmtpSink;
  let folder = '';
  let outbox = '';
  const children: TypescriptChild[] = [];

  beforeEach(async () => {
    redis = await startRedis();
    sink = await startSmtpSink();
    folder = await mkdtemp(join(tmpdir(), 'redress-worker-'));
    outbox = join(folder, 'outbox');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.process.kill('SIGKILL');
      await child.ended;
    }
    await sink.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function startWorker(medium: 'smtp' | 'outbox'): Promise<TypescriptChild> {
    const place = medium === 'smtp' ? sink.url : outbox;
    const child = spawnTypescript({ script: SCRIPT, args: [folder, redis.url, medium, place] });
    children.push(child);
    const [begun] = await Promise.race([
      child.lines[Symbol.asyncIterator]()
        .next()
        .then(({ value }) => [value as string]),
      child.ended.then(({ errorText }) => [errorText]),
    ]);
    expect(begun).toBe('begun');
    return child;
  }

  async function fillLog(): Promise<readonly string[]> {
    const house = new House();
    const eventStore = await SqliteEventStore.open({ directory: folder, mode: 'write' });
    const parts = { clock: house.clock, randomness: house.randomness };
    const ids: string[] = [];
    for (let index = 0; index < NOTICES_COUNT; index += 1) {
      ids.push((await acknowledgeIn({ ...parts, eventStore }, {})).noticeId);
    }
    await eventStore.close();
    await house.close();
    return ids;
  }

  async function sentInLog(): Promise<number> {
    const eventStore = await SqliteEventStore.open({ directory: folder, mode: 'read' });
    const events = await noticeEventsOf(eventStore);
    await eventStore.close();
    return events.filter(({ type }) => type === 'NoticeSent').length;
  }

  async function filesIn(): Promise<readonly string[]> {
    return await readdir(outbox).catch(() => []);
  }

  it('SIGTERM in the middle: what is under way is finished, the rest is sent later, none twice', async () => {
    const ids = await fillLog();
    sink.answer = async (stage) => {
      if (stage === 'content') await new Promise((resolve) => setTimeout(resolve, MAIL_DELAY_MS));
      return undefined;
    };
    const first = await startWorker('smtp');
    await until(() => sink.mails.length >= SENT_BEFORE);
    first.process.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ status: 0, signal: null });
    const before = sink.mails.length;
    expect(before).toBeLessThan(NOTICES_COUNT);
    // Every mail that went out stands in the log, so that nobody sends it again.
    expect(await sentInLog()).toBe(before);
    await startWorker('smtp');
    await until(() => sink.mails.length >= NOTICES_COUNT);
    await until(async () => (await sentInLog()) === NOTICES_COUNT);
    const wanted = ids.map((id) => `<${id}@redress.invalid>`).toSorted();
    expect(sink.mails.map(({ messageId }) => messageId).toSorted()).toEqual(wanted);
  });

  it('SIGKILL again and again: every notice lies in the outbox, once', async () => {
    const ids = await fillLog();
    for (let round = 1; round <= ROUNDS_MAX; round += 1) {
      const files = (await filesIn()).length;
      const child = await startWorker('outbox');
      await until(async () => (await filesIn()).length > files || files >= NOTICES_COUNT);
      child.process.kill('SIGKILL');
      await child.ended;
    }
    await startWorker('outbox');
    await until(async () => (await filesIn()).length >= NOTICES_COUNT);
    await until(async () => (await sentInLog()) === NOTICES_COUNT);
    const files = (await filesIn()).filter((name) => name.endsWith('.eml'));
    expect(files.toSorted()).toEqual(ids.map((id) => `${id}.eml`).toSorted());
  });

  it('SIGKILL after a mail server took a mail: the one window, and the same Message-ID', async () => {
    const ids = await fillLog();
    const first = await startWorker('smtp');
    let taken = 0;
    sink.answer = async (stage) => {
      if (stage !== 'content') return undefined;
      taken += 1;
      if (taken < SENT_BEFORE) return undefined;
      first.process.kill('SIGKILL');
      return 'cut-after-taking';
    };
    await first.ended;
    sink.answer = async () => undefined;
    await startWorker('smtp');
    await until(() => sink.mails.length > NOTICES_COUNT);
    await until(async () => (await sentInLog()) === NOTICES_COUNT);
    const messageIds = sink.mails.map(({ messageId }) => messageId);
    expect([...new Set(messageIds)].toSorted()).toEqual(
      ids.map((id) => `<${id}@redress.invalid>`).toSorted(),
    );
    const twice = messageIds.length - NOTICES_COUNT;
    expect(twice).toBeGreaterThanOrEqual(1);
    expect(twice).toBeLessThanOrEqual(CONCURRENCY);
  });
});
