import { describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '#event-store/port';
import { FaultLog } from './fault-log.js';

describe('the log of faults', () => {
  function logged() {
    let nowMs = 0;
    const lines: string[] = [];
    const log = new FaultLog(
      (text) => lines.push(text),
      'projector',
      () => nowMs,
    );
    return {
      lines,
      /** Meets the fault once a second, so many seconds. */
      meet: (error: unknown, seconds: number) => {
        for (let second = 0; second < seconds; second += 1) {
          log.tell(error);
          nowMs += 1_000;
        }
      },
      pass: (seconds: number) => {
        nowMs += seconds * 1_000;
      },
    };
  }

  it('tells at once, then after 5, 10, 20 seconds and so on', () => {
    const { lines, meet } = logged();
    meet(new StoreUnavailable('away'), 36);
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      what: 'projector',
      code: 'store.unavailable',
    });
  });

  it('tells of another kind at once', () => {
    const { lines, meet } = logged();
    meet(new StoreUnavailable('away'), 2);
    meet(new TypeError('broken'), 2);
    meet('no error at all', 2);
    expect(lines).toHaveLength(3);
  });

  it('tells at once of what comes back after it had passed', () => {
    const { lines, meet, pass } = logged();
    meet(new StoreUnavailable('away'), 1);
    pass(60);
    meet(new StoreUnavailable('away'), 1);
    expect(lines).toHaveLength(2);
  });
});
