import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '#event-store/port';
import type { Probe } from '#wiring';
import { ServerWatch } from './server-watch.js';

/** A watch over one server, whose time passes only when the test says so. */
function watchOne() {
  let down = false;
  let refusing = false;
  let nowMs = 0;
  let looks = 0;
  let wake: (() => void) | undefined;
  let waiting: (pauseMs: number) => void = () => {};
  const lines: Record<string, unknown>[] = [];
  const probe: Probe = {
    name: 'eventstore',
    address: 'node.example.org:2113',
    signIn: { variable: 'EVENTSTORE_URL', isRefused: () => refusing },
    ping: () => {
      looks += 1;
      return down
        ? Promise.reject(new StoreUnavailable('esdb://admin:hunter2@node.example.org'))
        : Promise.resolve();
    },
  };
  const watch = new ServerWatch([probe], (text) => lines.push(JSON.parse(text)), {
    monotonicMs: () => nowMs,
    wait: (pauseMs, signal) =>
      new Promise((resolve) => {
        const end = () => resolve();
        wake = () => {
          nowMs += pauseMs;
          signal.removeEventListener('abort', end);
          resolve();
        };
        signal.addEventListener('abort', end, { once: true });
        waiting(pauseMs);
      }),
  });
  return {
    watch,
    lines,
    looks: () => looks,
    setDown: (isDown: boolean) => {
      down = isDown;
    },
    setRefusing: (isRefusing: boolean) => {
      refusing = isRefusing;
    },
    /** Lets the pause pass; answers how long the next one is, when the look is over. */
    pass: () =>
      new Promise<number>((resolve) => {
        waiting = resolve;
        wake?.();
      }),
  };
}

describe('the watch over servers', () => {
  it('says nothing of servers that answer', async () => {
    const { watch, lines, pass } = watchOne();
    expect((await watch.states())['eventstore']).toMatchObject({ ok: true });
    expect(await pass()).toBe(1_000);
    expect(lines).toEqual([]);
    await watch.stop();
  });

  it('says which variable to look at when a password is refused, and no value', async () => {
    const { watch, lines, pass, setDown, setRefusing } = watchOne();
    setDown(true);
    await watch.states();
    setRefusing(true);
    await pass();
    await pass();
    await pass();
    const code = 'store.unavailable';
    const problem = 'the server does not take this user or password';
    expect(lines).toMatchObject([
      { level: 'error', what: 'eventstore', code },
      { level: 'error', what: 'eventstore', code, problem, lookAt: 'EVENTSTORE_URL' },
    ]);
    expect(lines[0]).not.toHaveProperty('lookAt');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    await watch.stop();
  });

  it('names what is missing, since when, and tells of it once; then of its return', async () => {
    const { watch, lines, pass, setDown } = watchOne();
    await watch.states();
    await pass();
    setDown(true);
    await pass();
    const { eventstore } = await watch.states();
    expect(eventstore).toMatchObject({ ok: false, code: 'store.unavailable' });
    await pass();
    expect((await watch.states())['eventstore']).toEqual(eventstore);
    setDown(false);
    await pass();
    expect((await watch.states())['eventstore']).toMatchObject({ ok: true });
    const address = 'node.example.org:2113';
    expect(lines).toMatchObject([
      { level: 'error', what: 'eventstore', code: 'store.unavailable', address, retrying: true },
      { level: 'info', what: 'eventstore', address, back: true },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    await watch.stop();
  });

  it('looks again soon at one that went away, then less often, at most every 2 s', async () => {
    const { watch, pass, setDown } = watchOne();
    await watch.states();
    await pass();
    setDown(true);
    const pauses: number[] = [];
    for (let look = 0; look < 6; look += 1) pauses.push(await pass());
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 2_000, 2_000]);
    await watch.stop();
  });

  it('tells of lasting absence at growing intervals', async () => {
    const { watch, lines, pass, setDown } = watchOne();
    setDown(true);
    await watch.states();
    let passedMs = 0;
    while (passedMs < 3_600_000) passedMs += await pass();
    expect(lines[0]).toMatchObject({ level: 'error' });
    // 5, 10, 20, … 300 s, then every 300 s.
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(22);
    expect(new Set(lines.slice(1).map(({ level }) => level))).toEqual(new Set(['warn']));
    await watch.stop();
  });

  it('asks nothing once it is stopped', async () => {
    const { watch, pass, looks } = watchOne();
    await watch.states();
    await pass();
    await watch.stop();
    const before = looks();
    await Promise.resolve();
    expect(looks()).toBe(before);
  });
});
