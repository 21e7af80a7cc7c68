import type { Running } from './listening.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Ends cleanly at the first signal; resolves when everything is closed. A second one ends at once. */
export function untilSignal(running: Pick<Running, 'close'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      for (const signal of SIGNALS) process.off(signal, stop).once(signal, () => process.exit(1));
      running.close().then(resolve, reject);
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
