import { pause } from '#event-store/port';

export type Backoff = { readonly delayMinMs: number; readonly delayMaxMs: number };

/**
 * Waits before the next attempt: twice as long each time, and by chance up to half less, so that the
 * many that failed together do not come back together. Ends when the signal aborts.
 */
export async function backOff(
  { delayMinMs, delayMaxMs }: Backoff,
  failuresCount: number,
  signal: AbortSignal,
): Promise<void> {
  const delayMs = Math.min(delayMinMs * 2 ** Math.max(failuresCount - 1, 0), delayMaxMs);
  await pause(delayMs * (0.5 + Math.random() / 2), signal);
}
