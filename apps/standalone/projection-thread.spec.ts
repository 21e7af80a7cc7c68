import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from '#wiring';
import { projectInThread } from './projection-thread.js';
import { Supervisor } from '../process/index.js';

/** A thread with this script: it may crash, tell, or wait for the message to stop. */
function scriptOf(body: string): URL {
  const start = "import { parentPort } from 'node:worker_threads';";
  return new URL(`data:text/javascript,${encodeURIComponent(`${start}${body}`)}`);
}

const WAITS_TO_BE_STOPPED = "parentPort.on('message', () => parentPort.close());";
const TELLS =
  "parentPort.postMessage({ waiting: true, name: 'Fault', code: 'store.unavailable' });";

/** Supervises threads with these scripts, one after the other; the last is started again and again. */
function supervise(...bodies: readonly string[]) {
  const faults: unknown[] = [];
  let told = () => {};
  let starts = 0;
  const configuration = readConfiguration({});
  const supervisor = new Supervisor(
    (signal, onWaiting) => {
      const body = bodies[Math.min(starts, bodies.length - 1)] ?? '';
      starts += 1;
      return projectInThread(configuration, scriptOf(body))(signal, onWaiting);
    },
    (error) => {
      faults.push(error);
      told();
    },
  );
  const nextFault = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  return { supervisor, faults, nextFault };
}

describe('the thread of the projector', () => {
  it.each([
    ['an error that nobody caught', "throw new TypeError('broken');", 'TypeError'],
    ['its own exit', 'process.exit(9);', 'exit-9'],
    [
      'a fault that it tells',
      "parentPort.postMessage({ waiting: false, name: 'ProjectionStopped', code: 'projection.stopped' });",
      'projection.stopped',
    ],
  ])('is started again after %s, and says what broke it', async (_what, crash, lastFault) => {
    const { supervisor, faults, nextFault } = supervise(crash, `${TELLS}${WAITS_TO_BE_STOPPED}`);
    await nextFault();
    expect(supervisor.state).toMatchObject({ running: false, restarts: 1, lastFault });
    await nextFault();
    expect(supervisor.state).toEqual({
      running: true,
      waiting: true,
      restarts: 1,
      lastFault: 'store.unavailable',
    });
    expect(faults).toHaveLength(2);
    await supervisor.stop();
    expect(supervisor.state.running).toBe(false);
  });
});
