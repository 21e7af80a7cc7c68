import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  MongoBulkWriteError,
  MongoNetworkError,
  MongoServerError,
  type BulkWriteResult,
  type Db,
  type MongoClient,
} from 'mongodb';
import { DriverLine, NoAnswer } from './driver-line.js';

const SHORT = { timeoutMs: 30_000, mayTakeLong: 'no' } as const;
const BUILD = { timeoutMs: 3_600_000, mayTakeLong: 'yes' } as const;
const GIVEN_UP = { name: 'ReadModelsUnavailable', message: 'its connections broke' };

const answered = () => Promise.resolve('answer');
const never = () => new Promise<never>(() => {});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A line, what it did, and how its client comes to say that connections broke. */
function lineOf() {
  const client = new EventEmitter();
  const told: string[] = [];
  const line = new DriverLine(
    Object.assign(client, {
      close: () => Promise.resolve(told.push('closed')),
    }) as unknown as MongoClient,
    () => Promise.resolve({} as Db),
    { onRetired: () => told.push('retired'), onEnded: () => told.push('ended') },
  );
  return { line, told, client, breakAll: () => client.emit('connectionPoolCleared') };
}

/** What has become of a promise, `open` until then. */
function watched(asked: Promise<unknown>): { outcome: unknown } {
  const watch: { outcome: unknown } = { outcome: 'open' };
  const note = (outcome: unknown) => {
    watch.outcome = outcome;
  };
  asked.then(note, note);
  return watch;
}

describe('a line to MongoDB whose connections broke', () => {
  it('takes nothing new from that moment on, and ends when nothing is under way', async () => {
    const { line, told, breakAll } = lineOf();
    expect(await line.ask(SHORT, answered)).toBe('answer');
    breakAll();
    breakAll();
    expect(told).toEqual(['retired', 'ended', 'closed']);
  });

  it('lets what is under way come to its end', async () => {
    const { line, told, breakAll } = lineOf();
    let answer: (answer: string) => void = () => {};
    const asked = line.ask(SHORT, () => new Promise<string>((resolve) => (answer = resolve)));
    await jest.advanceTimersByTimeAsync(0);
    breakAll();
    await jest.advanceTimersByTimeAsync(1_900);
    expect(told).toEqual(['retired']);
    answer('late');
    expect(await asked).toBe('late');
    expect(told).toEqual(['retired', 'ended', 'closed']);
  });

  it('gives up after 2 s what the driver never tells of', async () => {
    const { line, told, breakAll } = lineOf();
    const hanging = watched(line.ask(SHORT, never));
    breakAll();
    await jest.advanceTimersByTimeAsync(1_999);
    expect(hanging.outcome).toBe('open');
    await jest.advanceTimersByTimeAsync(1);
    expect(hanging.outcome).toMatchObject(GIVEN_UP);
    expect(told).toEqual(['retired', 'ended', 'closed']);
  });

  it('leaves a build its time, when nothing else hangs', async () => {
    const { line, told, breakAll } = lineOf();
    const building = watched(line.ask(BUILD, never));
    breakAll();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(building.outcome).toBe('open');
    expect(told).toEqual(['retired']);
  });
});

describe('a line to MongoDB that is silent', () => {
  const silentMs = 2_600;
  const broken = new MongoNetworkError('connection 1 closed');
  const result = {} as BulkWriteResult;

  it.each([
    ['an error of the network', broken],
    ['one in the midst of a bulk', new MongoBulkWriteError(broken, result)],
  ])('is given up at %s, for that is no answer', async (_, error) => {
    const { line, told } = lineOf();
    const hanging = watched(line.ask(SHORT, never));
    await jest.advanceTimersByTimeAsync(silentMs);
    await expect(line.ask(SHORT, () => Promise.reject(error))).rejects.toBe(error);
    expect(told).toEqual(['retired', 'ended', 'closed']);
    await jest.advanceTimersByTimeAsync(0);
    expect(hanging.outcome).toMatchObject(GIVEN_UP);
  });

  it.each([
    ['a refusal', new MongoServerError({ message: 'not found', code: 26 })],
    ['a refusal of rows', new MongoBulkWriteError({ message: 'duplicate', code: 11_000 }, result)],
    [
      'a refusal in the midst of a bulk',
      new MongoBulkWriteError(new MongoServerError({ message: 'not primary' }), result),
    ],
  ])('is kept at %s, for that is an answer', async (_, error) => {
    const { line, told } = lineOf();
    const hanging = watched(line.ask(SHORT, never));
    await jest.advanceTimersByTimeAsync(silentMs);
    await expect(line.ask(SHORT, () => Promise.reject(error))).rejects.toBe(error);
    expect(told).toEqual([]);
    expect(hanging.outcome).toBe('open');
  });

  it.each(['serverHeartbeatSucceeded', 'connectionReady'])(
    'is kept while it connects slowly, and not for %s after it has answered',
    async (step) => {
      const { line, told, client } = lineOf();
      const ask = async () => {
        const asked = watched(line.ask({ ...SHORT, timeoutMs: 2_000 }, never));
        await jest.advanceTimersByTimeAsync(1_000);
        client.emit(step);
        await jest.advanceTimersByTimeAsync(1_000);
        expect(asked.outcome).toBeInstanceOf(NoAnswer);
      };
      for (let time = 0; time < 5; time += 1) await ask();
      expect(told).toEqual([]);
      await line.ask(SHORT, answered);
      for (let time = 0; time < 2; time += 1) await ask();
      expect(told).toEqual(['retired', 'ended', 'closed']);
    },
  );

  it('is given up when what was asked of it has had its time', async () => {
    const { line, told } = lineOf();
    const hanging = watched(line.ask({ ...SHORT, timeoutMs: silentMs }, never));
    await jest.advanceTimersByTimeAsync(silentMs);
    expect(hanging.outcome).toBeInstanceOf(NoAnswer);
    expect(told).toEqual(['retired', 'ended', 'closed']);
  });
});
