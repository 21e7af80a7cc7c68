import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import {
  accept,
  reject,
  uuidV5,
  type CommandContext,
  type EventMetadata,
  type Randomness,
  type Recorded,
  type StoredEvent,
} from '#kernel';
import { AppendUnknown, StoreUnavailable } from './errors.js';
import { StreamHistories } from './stream-histories.js';
import { step, transact, type StreamReader } from './transact.js';

type Added = { readonly type: 'Added'; readonly data: { readonly amount: number } };

const SUM_MAX = 10;
const STREAM = 'sum-8f14e45f-ceea-4e7a-9c0b-000000000001';

const reader: StreamReader<number, Added> = {
  decode: (stored: StoredEvent): Recorded<Added> => ({
    ...stored,
    type: 'Added',
    data: JSON.parse(stored.data) as Added['data'],
    metadata: JSON.parse(stored.metadata) as EventMetadata,
  }),
  initial: 0,
  evolve: (sum, event) => sum + event.data.amount,
  schemaVersionOf: () => 1,
};

const randomness: Randomness = { bytes: (length) => new Uint8Array(length) };

function add(sum: number, amount: number) {
  if (amount === 0) return accept<Added>();
  if (sum + amount > SUM_MAX) return reject('sum.too-large', `${sum + amount} > ${SUM_MAX}`);
  return accept<Added>({ type: 'Added', data: { amount } });
}

function context(name: string, more: Partial<CommandContext> = {}): CommandContext {
  return {
    commandId: uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', name),
    actor: { id: 'handler-1', role: 'case-handler', via: 'http' },
    now: '2026-01-05T09:00:00.000Z',
    ...more,
  };
}

describe('transact', () => {
  let store: MemoryEventStore;
  beforeEach(() => {
    store = new MemoryEventStore();
  });

  const run = (steps: readonly (readonly [string, number])[], ifRevision?: number) =>
    transact(store, randomness, {
      stream: STREAM,
      reader,
      steps: steps.map(([name, amount]) => step(add, amount, context(name))),
      ifRevision,
    });

  const stored = async () =>
    (await store.readStream(STREAM)).map((event) => reader.decode(event).data.amount);

  it('writes what the decider accepts, at the next revision', async () => {
    expect(await run([['a', 3]])).toMatchObject({ kind: 'done', revision: 0, eventCount: 1 });
    expect(await run([['b', 4]])).toMatchObject({ kind: 'done', revision: 1, eventCount: 1 });
    expect(await stored()).toEqual([3, 4]);
  });

  it('puts the stored metadata in its one form', async () => {
    await transact(store, randomness, {
      stream: STREAM,
      reader,
      steps: [
        step(add, 1, context('a', { occurredAt: '2026-01-04T09:00:00.000Z', reason: 'late' })),
      ],
    });
    const [event] = await store.readStream(STREAM);
    const { commandId } = context('a');
    expect(JSON.parse(event?.metadata ?? '')).toEqual({
      v: 1,
      actor: { id: 'handler-1', role: 'case-handler', via: 'http' },
      recordedAt: '2026-01-05T09:00:00.000Z',
      occurredAt: '2026-01-04T09:00:00.000Z',
      reason: 'late',
      commandId,
      correlationId: commandId,
      $correlationId: commandId,
      schemaVersion: 1,
      salt: 'AAAAAAAAAAAAAAAAAAAAAA',
    });
  });

  it('writes nothing when the decider refuses', async () => {
    expect(await run([['a', 11]])).toMatchObject({ kind: 'rejected', code: 'sum.too-large' });
    expect(await stored()).toEqual([]);
  });

  it('answers the same command as the first time, even after others', async () => {
    await run([['a', 3]]);
    await run([['b', 7]]);
    expect(await run([['a', 3]])).toMatchObject({ kind: 'done', revision: 0, eventCount: 0 });
    expect(await stored()).toEqual([3, 7]);
  });

  it('refuses a command id that now says something else', async () => {
    await run([['a', 3]]);
    expect(await run([['a', 4]])).toMatchObject({ code: 'idempotency.key-reused' });
    expect(await stored()).toEqual([3]);
  });

  it('answers a thing done before with where the stream is', async () => {
    await run([['a', 3]]);
    expect(await run([['b', 0]])).toMatchObject({ kind: 'done', revision: 0, eventCount: 0 });
  });

  it('names the first event of a command, the same whenever it comes', async () => {
    const first = await run([['a', 3]]);
    await run([['b', 7]]);
    const [event, other] = await store.readStream(STREAM);
    const named = (stored: typeof event) => {
      const { salt } = JSON.parse(stored?.metadata ?? '{}') as EventMetadata;
      expect(salt).toMatch(/^[\w-]{22}$/);
      return { first: { id: stored?.id, salt } };
    };
    expect(first).toMatchObject(named(event));
    expect(await run([['a', 3]])).toMatchObject(named(event));
    expect(await run([['b', 7]])).toMatchObject(named(other));
    const nothing = await run([['c', 0]]);
    expect(nothing).toMatchObject({ kind: 'done', eventCount: 0, first: undefined });
  });

  it('takes several commands together or none of them', async () => {
    const refused = await run([
      ['a', 6],
      ['b', 6],
    ]);
    expect(refused).toMatchObject({ code: 'sum.too-large' });
    expect(await stored()).toEqual([]);
    const both = [
      ['a', 6],
      ['c', 4],
    ] as const;
    expect(await run(both)).toMatchObject({ revision: 1, eventCount: 2 });
  });

  it('goes on from where a batch of commands had come', async () => {
    await run([['a', 6]]);
    const longer = [
      ['a', 6],
      ['b', 4],
    ] as const;
    expect(await run(longer)).toMatchObject({ revision: 1, eventCount: 1 });
    expect(await run(longer)).toMatchObject({ revision: 1, eventCount: 0 });
    expect(await stored()).toEqual([6, 4]);
  });

  it('refuses when the caller saw another revision', async () => {
    await run([['a', 3]]);
    expect(await run([['b', 1]], 4)).toMatchObject({ code: 'revision.mismatch' });
    expect(await run([['b', 1]], 0)).toMatchObject({ kind: 'done', revision: 1 });
  });

  it('compares twins of one command that come at the same time', async () => {
    const [first, other] = await Promise.all([run([['a', 3]]), run([['a', 4]])]);
    expect(first).toMatchObject({ kind: 'done', revision: 0, eventCount: 1 });
    expect(other).toMatchObject({ code: 'idempotency.key-reused' });
    const same = await Promise.all([run([['b', 1]]), run([['b', 1]])]);
    expect(same).toMatchObject([
      { kind: 'done', revision: 1, eventCount: 1 },
      { kind: 'done', revision: 1, eventCount: 0 },
    ]);
    expect(await stored()).toEqual([3, 1]);
  });

  it('knows a command again though the clock was set back since', async () => {
    const late = context('a', { occurredAt: '2026-01-05T09:00:00.000Z' });
    const send = (now: string) =>
      transact(store, randomness, {
        stream: STREAM,
        reader,
        steps: [step(add, 1, { ...late, now })],
      });
    expect(await send('2026-01-05T09:00:00.000Z')).toMatchObject({ kind: 'done', eventCount: 1 });
    expect(await send('2026-01-04T09:00:00.000Z')).toMatchObject({ kind: 'done', eventCount: 0 });
  });

  it('lets one of many at the same time win, the others get a clean conflict', async () => {
    await run([['a', 1]]);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => run([[`racer-${index}`, 1]])),
    );
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const codes = answers.flatMap((answer) => (answer.kind === 'rejected' ? [answer.code] : []));
    expect(new Set(codes)).toEqual(new Set(['revision.conflict']));
    expect(await stored()).toEqual([1, 1]);
  });

  it('reads only what has come since, with histories, and decides the same', async () => {
    const histories = new StreamHistories<number, Added>();
    const read: number[] = [];
    const readStream = store.readStream.bind(store);
    store.readStream = async (stream, options) => {
      const events = await readStream(stream, options);
      if (options?.from !== undefined) read.push(events.length);
      return events;
    };
    const remembering = (name: string, amount: number) =>
      transact(store, randomness, {
        stream: STREAM,
        reader,
        steps: [step(add, amount, context(name))],
        histories,
      });
    expect(await remembering('a', 3)).toMatchObject({ revision: 0, eventCount: 1 });
    expect(await remembering('b', 4)).toMatchObject({ revision: 1, eventCount: 1 });
    const before = read.length;
    // Somebody else writes in between.
    expect(await run([['c', 1]])).toMatchObject({ revision: 2 });
    expect(read.splice(before)).toEqual([2]);
    expect(await remembering('d', 3)).toMatchObject({ code: 'sum.too-large' });
    expect(await remembering('a', 3)).toMatchObject({ revision: 0, eventCount: 0 });
    expect(await remembering('a', 4)).toMatchObject({ code: 'idempotency.key-reused' });
    expect(await remembering('e', 2)).toMatchObject({ revision: 3, eventCount: 1 });
    expect(await stored()).toEqual([3, 4, 1, 2]);
    expect(read).toEqual([0, 1, 2, 0, 0, 0]);
  });

  it('does not record what has not happened yet', async () => {
    const refused = await transact(store, randomness, {
      stream: STREAM,
      reader,
      steps: [step(add, 1, context('a', { occurredAt: '2026-01-05T09:06:00.000Z' }))],
    });
    expect(refused).toMatchObject({ code: 'moment.in-the-future' });
  });

  describe('on a store that cannot tell who wrote', () => {
    const salted = (salt: number): Randomness => ({ bytes: (n) => new Uint8Array(n).fill(salt) });
    const adding = (amount: number) => ({
      stream: STREAM,
      reader,
      steps: [step(add, amount, context('a'))],
    });

    /** Another process writes the same ids between our reading and our appending. */
    class Overtaken extends MemoryEventStore {
      overtake: (() => Promise<unknown>) | undefined;

      override async append(...args: Parameters<MemoryEventStore['append']>) {
        await this.overtake?.();
        const { revision, position } = await super.append(...args);
        return { revision, position, repeated: false, unverified: true as const };
      }
    }

    it('answers as done what it wrote itself', async () => {
      const overtaken = new Overtaken();
      const result = await transact(overtaken, salted(1), adding(3));
      expect(result).toMatchObject({ kind: 'done', revision: 0, eventCount: 1 });
    });

    it('does not call unavailable what is stored and cannot be read back', async () => {
      const overtaken = new Overtaken();
      overtaken.overtake = async () => {
        overtaken.readStream = () => Promise.reject(new StoreUnavailable('cut'));
      };
      const transacting = transact(overtaken, salted(1), adding(3));
      await expect(transacting).rejects.toBeInstanceOf(AppendUnknown);
    });

    it.each([
      [3, { kind: 'done', revision: 0, eventCount: 0 }],
      [4, { kind: 'rejected', code: 'idempotency.key-reused' }],
    ])('holds %s against what a twin wrote at the same moment', async (amount, expected) => {
      const overtaken = new Overtaken();
      overtaken.overtake = async () => {
        overtaken.overtake = undefined;
        await transact(overtaken, salted(2), adding(3));
      };
      expect(await transact(overtaken, salted(1), adding(amount))).toMatchObject(expected);
    });
  });
});
