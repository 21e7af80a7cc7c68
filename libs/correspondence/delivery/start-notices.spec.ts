import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { correctFact, complaintReader, withdrawComplaint } from '#complaints/contract';
import { step, transact, StoreUnavailable } from '#event-store/port';
import { instantFromMillis, type EventMetadata, type Position } from '#kernel';
import { EmbeddedNoticeQueue } from '#notices/embedded';
import { Bookmark, NoticesUnavailable, type Delivered } from '#notices/port';
import { gate, House, RecordedMail, until } from '#testing/notices';
import { randomUUID } from 'node:crypto';
import { replayNotice } from '../features/replay-notice/replay-notice.decide.js';
import { noticeReader, streamOfNotice } from '../notice/notice.reader.js';
import { startNotices, type Notices } from './start-notices.js';
import type { NoticesOptions } from './notices-options.js';

jest.setTimeout(90_000);

const HOUR_MS = 3_600_000;

class MemoryBookmark extends Bookmark {
  marked: Position | undefined;

  override async position(): Promise<Position | undefined> {
    return this.marked;
  }

  override async advance(position: Position): Promise<void> {
    this.marked = position;
  }
}

let house: House;
let mail: RecordedMail;
let bookmark: MemoryBookmark;
let faults: unknown[];
let running: Notices[];

beforeEach(() => {
  house = new House();
  mail = new RecordedMail();
  bookmark = new MemoryBookmark();
  faults = [];
  running = [];
});

afterEach(async () => {
  for (const notices of running) await notices.stop();
  await house.close();
});

function start(more: Partial<NoticesOptions> = {}): Notices {
  const onFault = (error: unknown) => faults.push(error);
  const notices = startNotices({
    eventStore: house.eventStore,
    readModels: house.readModels,
    clock: house.clock,
    randomness: house.randomness,
    queue: new EmbeddedNoticeQueue({ onFault }),
    mail,
    bookmark,
    onFault,
    ...more,
    limits: { tickMs: 20, ...more.limits },
  });
  running.push(notices);
  return notices;
}

async function typesOf(noticeId: string): Promise<readonly string[]> {
  const stored = await house.eventStore.readStream(streamOfNotice(noticeId));
  return stored.map(({ type }) => type);
}

async function command(stream: string, decide: typeof correctFact, data: never): Promise<void> {
  const actor = { id: 'handler-7', role: 'case-handler', via: 'http' };
  const context = { commandId: randomUUID(), actor, now: house.clock.now() };
  const done = await transact(house.eventStore, house.randomness, {
    stream,
    reader: complaintReader,
    steps: [step(decide, data, context)],
  });
  expect(done.kind).toBe('done');
}

describe('notices', () => {
  it('are sent once for what was acknowledged by e-mail, before the start and after', async () => {
    const before = await house.acknowledge();
    const notices = start();
    const after = await house.acknowledge({ via: 'cli' });
    await until(async () => (await house.countIn('sent')) === 2);
    expect(mail.mails.map(({ to, noticeId }) => [noticeId, to]).toSorted()).toEqual(
      [before, after].map(({ noticeId, email }) => [noticeId, email]).toSorted(),
    );
    expect(mail.mails[0]?.subject).toBe(`Your complaint ${before.reference}: we received it`);
    expect(await typesOf(before.noticeId)).toEqual([
      'NoticeRaised',
      'NoticeAttempted',
      'NoticeSent',
    ]);
    expect(notices.state).toMatchObject({ raised: 2, sent: 2, failed: 0, waitingFor: [] });
    expect(faults).toEqual([]);
  });

  it('say what caused them, and hold nothing personal', async () => {
    const { noticeId, stream } = await house.acknowledge();
    start();
    await until(async () => (await house.countIn('sent')) === 1);
    const events = await house.eventStore.readStream(streamOfNotice(noticeId));
    const [, cause] = await house.eventStore.readStream(stream);
    for (const { metadata } of events) {
      const { actor, causationId, correlationId } = JSON.parse(metadata) as EventMetadata;
      expect(actor).toEqual({ id: 'redress', role: 'system', via: 'worker' });
      expect(causationId).toBe(cause?.id);
      expect(correlationId).toBe(
        (JSON.parse(cause?.metadata ?? '{}') as EventMetadata).correlationId,
      );
    }
    expect(JSON.stringify([events, await house.rows(), faults])).not.toMatch(
      /Ada Example|@example\.org/,
    );
  });

  it('are not raised for imports, demonstrations, other media and what is long past', async () => {
    start();
    await house.acknowledge({ via: 'import' });
    await house.acknowledge({ via: 'demo' });
    await house.acknowledge({ medium: 'post' });
    await house.acknowledge({ occurredAt: instantFromMillis(Date.now() - 8 * 24 * HOUR_MS) });
    await house.acknowledge();
    await until(async () => (await house.countIn('sent')) === 1);
    expect(await house.rows()).toHaveLength(1);
    expect(mail.mails).toHaveLength(1);
  });

  it('tell where the proof of the very acknowledgement is', async () => {
    const { stream } = await house.acknowledge();
    start({ receiptOf: ({ id, salt }) => `https://complaints.example/proofs/${id}?of=${salt}` });
    await until(async () => (await house.countIn('sent')) === 1);
    const [, acknowledged] = await house.eventStore.readStream(stream);
    expect(acknowledged?.type).toBe('ComplaintAcknowledged');
    const { salt } = JSON.parse(acknowledged?.metadata ?? '{}') as EventMetadata;
    expect(mail.mails[0]?.text.split('\n')).toContain(
      `https://complaints.example/proofs/${acknowledged?.id}?of=${salt}`,
    );
  });

  it('go to the corrected address', async () => {
    const { stream } = await house.acknowledge();
    const data = { fact: 'complainant.email', value: 'new@example.org' };
    await command(stream, correctFact, data as never);
    start();
    await until(async () => (await house.countIn('sent')) === 1);
    expect(mail.mails.map(({ to }) => to)).toEqual(['new@example.org']);
  });

  it('are given up where there is nobody to send them to', async () => {
    await house.acknowledge({ complainant: { name: 'Ada' } });
    await house.acknowledge({ complainant: { email: 'a@example.org, b@example.org' } });
    const { stream } = await house.acknowledge();
    await command(stream, withdrawComplaint as never, {} as never);
    const notices = start();
    await until(async () => (await house.countIn('failed')) === 3);
    const rows = await house.rows();
    expect(rows.map(({ document }) => document.code).toSorted()).toEqual([
      'notice.bad-address',
      'notice.complaint-withdrawn',
      'notice.no-address',
    ]);
    expect(mail.mails).toEqual([]);
    expect(notices.state).toMatchObject({ raised: 3, failed: 3, sent: 0 });
  });

  it('are dead letters when refused, and are sent when replayed', async () => {
    const { noticeId } = await house.acknowledge();
    mail.answer = async () => ({ kind: 'refused', code: 'mail.recipient-refused' });
    start();
    await until(async () => (await house.countIn('failed')) === 1);
    mail.answer = async () => ({ kind: 'accepted', medium: 'smtp', messageId: '<x@example.org>' });
    const actor = { id: 'local', role: 'administrator', via: 'cli' };
    const context = { commandId: randomUUID(), actor, now: house.clock.now() };
    await transact(house.eventStore, house.randomness, {
      stream: streamOfNotice(noticeId),
      reader: noticeReader,
      steps: [step(replayNotice, {}, context)],
    });
    await until(async () => (await house.countIn('sent')) === 1);
    const [row] = await house.rows();
    expect(row?.document).toMatchObject({ attempts: 2, replays: 1, medium: 'smtp', code: null });
  });

  it('wait for their next attempt, which is not made early', async () => {
    const { noticeId } = await house.acknowledge();
    mail.answer = async () => ({ kind: 'failed', code: 'mail.deferred' });
    const notices = start();
    await until(() => notices.state.deferred === 1);
    await until(async () => (await house.rows())[0]?.document.code === 'mail.deferred');
    const [row] = await house.rows();
    expect(row?.document).toMatchObject({ state: 'due', attempts: 1 });
    expect(row?.document.dueAt && row.document.dueAt > house.clock.now()).toBe(true);
    const later = await house.acknowledge();
    await until(() => mail.mails.some((one) => one.noticeId === later.noticeId));
    expect(mail.mails.filter((one) => one.noticeId === noticeId)).toHaveLength(1);
  });

  it('are sent once by two workers that are handed the same job', async () => {
    const { open, opened } = gate();
    mail.answer = async () => {
      await opened;
      return { kind: 'accepted', medium: 'outbox', messageId: '<x@example.org>' };
    };
    start();
    start();
    for (let count = 0; count < 20; count += 1) await house.acknowledge();
    await until(() => mail.mails.length >= 8);
    open();
    await until(async () => (await house.countIn('sent')) === 20);
    expect(mail.mails).toHaveLength(20);
    expect(new Set(mail.mails.map(({ noticeId }) => noticeId)).size).toBe(20);
  });

  it('are taken again after an attempt of which nothing was heard', async () => {
    await house.acknowledge();
    // The first worker falls silent in the middle of sending.
    const { open, opened } = gate();
    const silent = new RecordedMail();
    silent.answer = async (): Promise<Delivered> => {
      await opened;
      return { kind: 'accepted', medium: 'smtp', messageId: '<late@example.org>' };
    };
    const first = start({ mail: silent, limits: { attemptTimeoutMs: 500, stopGraceMs: 0 } });
    await until(() => silent.mails.length === 1);
    await first.stop();
    start();
    await until(async () => (await house.countIn('sent')) === 1);
    expect(mail.mails).toHaveLength(1);
    const [row] = await house.rows();
    expect(row?.document).toMatchObject({ attempts: 2, medium: 'outbox' });
    open();
  });

  it('come after a lost bookmark without being raised twice', async () => {
    for (let count = 0; count < 5; count += 1) await house.acknowledge();
    const first = start();
    await until(async () => (await house.countIn('sent')) === 5);
    await first.stop();
    expect(bookmark.marked).toBeDefined();
    bookmark.marked = undefined;
    const missed = await house.acknowledge();
    const second = start({ mail: new RecordedMail() });
    await until(async () => (await house.countIn('sent')) === 6);
    expect(second.state).toMatchObject({ raised: 1, sent: 1 });
    expect(await typesOf(missed.noticeId)).toHaveLength(3);
    // As after a log was restored from a backup.
    await second.stop();
    bookmark.marked = '999999';
    const restored = await house.acknowledge();
    start({ mail: new RecordedMail() });
    await until(async () => (await typesOf(restored.noticeId)).length === 3);
  });

  it('outlive faults of every part, and tell of them', async () => {
    await house.acknowledge();
    const broken = { bookmark: 2, append: 3 };
    const position = jest.spyOn(bookmark, 'position').mockImplementation(async () => {
      if (broken.bookmark-- > 0) throw new NoticesUnavailable('away');
      return undefined;
    });
    const append = house.eventStore.append.bind(house.eventStore);
    jest.spyOn(house.eventStore, 'append').mockImplementation(async (...args) => {
      if (args[0].startsWith('notice-') && broken.append-- > 0) throw new StoreUnavailable('away');
      return await append(...args);
    });
    const notices = start();
    await until(() => notices.state.waitingFor.length > 0);
    await until(async () => (await house.countIn('sent')) === 1);
    await until(() => notices.state.waitingFor.length === 0);
    expect(position).toHaveBeenCalledTimes(6);
    expect(mail.mails).toHaveLength(1);
    expect(faults).toHaveLength(5);
  });

  it('finish what is being sent when they are stopped', async () => {
    const { noticeId } = await house.acknowledge();
    const { open, opened } = gate();
    mail.answer = async () => {
      await opened;
      return { kind: 'accepted', medium: 'outbox', messageId: '<x@example.org>' };
    };
    const notices = start();
    await until(() => mail.mails.length === 1);
    const stopped = notices.stop();
    expect(notices.state.running).toBe(false);
    open();
    await stopped;
    expect((await typesOf(noticeId)).at(-1)).toBe('NoticeSent');
  });
});
