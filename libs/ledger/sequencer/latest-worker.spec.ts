import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LatestWorker } from './latest-worker.js';

const AWAY = new Error('away');

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

type Try = { readonly item: string; readonly done: () => void; readonly fail: () => void };

/** A worker whose every try the test ends, and what became of it. */
function workerOf() {
  const tries: Try[] = [];
  const faults: unknown[] = [];
  const worker = new LatestWorker<string>(
    (item) =>
      new Promise((resolve, reject) => {
        tries.push({ item, done: resolve, fail: () => reject(AWAY) });
      }),
    (error) => faults.push(error),
  );
  const ending = new AbortController();
  const running = worker.run(ending.signal);
  const end = async () => {
    ending.abort();
    await running;
  };
  return { worker, tries, faults, end, items: () => tries.map(({ item }) => item) };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  await jest.advanceTimersByTimeAsync(0);
}

/** Whether it has resolved by now. */
async function hasResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  await settle();
  return resolved;
}

describe('a worker on the latest', () => {
  it('works on what is offered, before it runs or while it does', async () => {
    const { worker, tries, end, items } = workerOf();
    worker.offer('a');
    await settle();
    tries[0]?.done();
    await settle();
    worker.offer('b');
    await settle();
    tries[1]?.done();
    await end();
    expect(items()).toEqual(['a', 'b']);
  });

  it('does one at a time, and of what is offered meanwhile the last alone', async () => {
    const { worker, tries, end, items } = workerOf();
    for (const item of ['a', 'b', 'c']) {
      worker.offer(item);
      await settle();
    }
    expect(items()).toEqual(['a']);
    tries[0]?.done();
    await settle();
    expect(items()).toEqual(['a', 'c']);
    tries[1]?.done();
    await end();
    expect(items()).toEqual(['a', 'c']);
  });

  it('tries again after 1 s, then twice as long each time, at most a minute', async () => {
    const { worker, tries, faults, end } = workerOf();
    worker.offer('a');
    await settle();
    for (const [at, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      tries[at]?.fail();
      await jest.advanceTimersByTimeAsync(seconds * 1_000 - 1);
      expect(tries).toHaveLength(at + 1);
      await jest.advanceTimersByTimeAsync(1);
      expect(tries).toHaveLength(at + 2);
    }
    tries.at(-1)?.done();
    await end();
    expect(faults).toEqual(Array.from({ length: 8 }, () => AWAY));
  });

  it('is as patient as at first once something was done', async () => {
    const { worker, tries, end } = workerOf();
    worker.offer('a');
    await settle();
    tries[0]?.fail();
    await jest.advanceTimersByTimeAsync(1_000);
    tries[1]?.fail();
    await jest.advanceTimersByTimeAsync(2_000);
    tries[2]?.done();
    worker.offer('b');
    await settle();
    tries[3]?.fail();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(tries).toHaveLength(5);
    tries[4]?.done();
    await end();
  });

  it.each(['while it fails', 'while it pauses'])(
    'does not try again what something later was offered for %s',
    async (when) => {
      const { worker, tries, end, items } = workerOf();
      worker.offer('a');
      await settle();
      if (when === 'while it fails') worker.offer('b');
      tries[0]?.fail();
      await settle();
      if (when === 'while it pauses') worker.offer('b');
      await jest.advanceTimersByTimeAsync(1_000);
      expect(items()).toEqual(['a', 'b']);
      tries[1]?.done();
      await end();
    },
  );

  it('tells of a fault while it lasts', async () => {
    const { worker, tries, end } = workerOf();
    expect(worker.fault).toBeUndefined();
    worker.offer('a');
    await settle();
    tries[0]?.fail();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(worker.fault).toBe(AWAY);
    tries[1]?.done();
    await settle();
    expect(worker.fault).toBeUndefined();
    await end();
  });

  it.each(['waiting', 'pausing'])(
    'ends at once when told while %s, without a timer',
    async (how) => {
      const { worker, tries, end } = workerOf();
      if (how === 'pausing') {
        worker.offer('a');
        await settle();
        tries[0]?.fail();
        await settle();
        expect(jest.getTimerCount()).toBe(1);
      }
      await end();
      expect(jest.getTimerCount()).toBe(0);
      worker.offer('b');
      await settle();
      expect(tries.map(({ item }) => item)).not.toContain('b');
    },
  );

  it('ends what is under way before it ends', async () => {
    const { worker, tries, end } = workerOf();
    worker.offer('a');
    await settle();
    const ended = end();
    expect(await hasResolved(ended)).toBe(false);
    tries[0]?.done();
    await ended;
  });
});

describe('waiting for a worker to be idle', () => {
  const never = new AbortController().signal;

  it('is over at once when nothing was offered', async () => {
    const { worker, end } = workerOf();
    await worker.idle(never);
    await end();
  });

  it('takes until all that was offered is done', async () => {
    const { worker, tries, end } = workerOf();
    worker.offer('a');
    const idle = worker.idle(never);
    expect(await hasResolved(idle)).toBe(false);
    worker.offer('b');
    tries[0]?.done();
    expect(await hasResolved(idle)).toBe(false);
    tries[1]?.done();
    await idle;
    await end();
  });

  it('takes until a try has failed, and not until the next one', async () => {
    const { worker, tries, end } = workerOf();
    worker.offer('a');
    const idle = worker.idle(never);
    await settle();
    tries[0]?.fail();
    await idle;
    await worker.idle(never);
    await end();
  });

  it('takes until a try under way is over, though one failed before', async () => {
    const { worker, tries, end } = workerOf();
    worker.offer('a');
    await settle();
    tries[0]?.fail();
    await jest.advanceTimersByTimeAsync(1_000);
    const idle = worker.idle(never);
    expect(await hasResolved(idle)).toBe(false);
    tries[1]?.done();
    await idle;
    await end();
  });

  it('is given up with its signal', async () => {
    const { worker, tries, end } = workerOf();
    const patience = new AbortController();
    worker.offer('a');
    const idle = worker.idle(patience.signal);
    expect(await hasResolved(idle)).toBe(false);
    patience.abort();
    await idle;
    await worker.idle(patience.signal);
    tries[0]?.done();
    await end();
  });
});
