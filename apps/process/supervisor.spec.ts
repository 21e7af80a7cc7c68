import { describe, expect, it } from '@jest/globals';
import { Supervisor } from './supervisor.js';

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

describe('what is supervised', () => {
  it('runs until it is stopped', async () => {
    const faults: unknown[] = [];
    const supervisor = new Supervisor(until, (error) => faults.push(error));
    expect(supervisor.state).toEqual({ running: true, waiting: false, restarts: 0 });
    await supervisor.stop();
    expect(supervisor.state.running).toBe(false);
    expect(faults).toEqual([]);
  });

  it('is started again when it breaks, and says what broke it', async () => {
    let starts = 0;
    let arrived = () => {};
    const again = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const supervisor = new Supervisor(
      async (signal) => {
        starts += 1;
        if (starts === 1) throw Object.assign(new Error('x'), { code: 'store.unavailable' });
        arrived();
        await until(signal);
      },
      () => undefined,
    );
    await again;
    expect(supervisor.state).toEqual({
      running: true,
      waiting: false,
      restarts: 1,
      lastFault: 'store.unavailable',
    });
    await supervisor.stop();
  });

  it('counts ending by itself as breaking', async () => {
    const told = new Promise<unknown>((resolve) => {
      const supervisor = new Supervisor(
        () => Promise.resolve(),
        (error) => {
          resolve(error);
          void supervisor.stop();
        },
      );
    });
    expect(await told).toBeInstanceOf(Error);
  });
});
