import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '#event-store/memory';
import { AppendUnknown } from '#event-store/port';
import { InvariantBroken } from '#kernel';
import { MemoryReadModels } from '#read-models/memory';
import { Ending, ENDING_STATUS } from '../process/index.js';
import { readinessOf } from './progress.js';

const UNKNOWN = new AppendUnknown('the commit erred');

describe('a process that cannot go on', () => {
  it('shows it at once, closes, and ends with a status of its own', async () => {
    const happened: unknown[] = [];
    let closed = () => {};
    const closing = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      const ending = new Ending(
        () => {
          happened.push('close');
          return closing;
        },
        (status) => {
          happened.push(status);
          resolve();
        },
      );
      ending.begin(UNKNOWN);
      ending.begin(UNKNOWN);
      expect(ending.begunBy).toBe('store.append-unknown');
    });
    expect(happened).toEqual(['close']);
    closed();
    await ended;
    expect(happened).toEqual(['close', ENDING_STATUS.appendUnknown]);
  });

  it('ends as well when closing fails', async () => {
    const status = await new Promise<number>((resolve) => {
      new Ending(() => Promise.reject(new Error('no disk')), resolve).begin(UNKNOWN);
    });
    expect(status).toBe(ENDING_STATUS.appendUnknown);
  });

  it('does nothing more, not even closing, once an invariant broke', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const close = () => {
        reject(new Error('closed'));
        return Promise.resolve();
      };
      new Ending(close, resolve).begin(new InvariantBroken('two and two'));
    });
    expect(status).toBe(ENDING_STATUS.invariantBroken);
  });
});

describe('readiness', () => {
  it('is lost with the first sign of the end', async () => {
    const stores = { eventStore: new MemoryEventStore(), readModels: new MemoryReadModels() };
    const projector = { state: { running: true, waiting: false, restarts: 0 } };
    const ready = await readinessOf({ ...stores, projector, ending: { begunBy: undefined } });
    expect(ready.ready).toBe(true);
    const ending = { begunBy: 'store.append-unknown' };
    expect(await readinessOf({ ...stores, projector, ending })).toEqual({
      ready: false,
      checks: { process: { ok: false, code: 'store.append-unknown' } },
    });
  });
});
