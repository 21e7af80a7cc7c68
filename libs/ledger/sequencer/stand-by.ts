import { AppendUnknown, pause, StoreUnavailable } from '#event-store/port';
import { comparePositions, type Position } from '#kernel';
import { LedgerError } from '../ledger-error.js';
import { LEDGER_MARK, type LedgerParts } from './ledger-parts.js';

export type StandByTimes = {
  /** Another sequencer that has signed nothing for so long, with something to sign, is gone. */
  readonly takeOverAfterMs: number;
  readonly standbyLookMs: number;
};

type Seen = { readonly revision: number | undefined; readonly position: Position | undefined };

/**
 * Watches another sequencer sign. Resolves when it signs no more, though the log goes on, or when
 * the signal aborts. No clocks are compared: what counts is that the mark stands still.
 */
export async function standBy(
  parts: Pick<LedgerParts, 'eventStore'> & { readonly onFault: (error: unknown) => void },
  { takeOverAfterMs, standbyLookMs }: StandByTimes,
  signal: AbortSignal,
): Promise<void> {
  let seen: number | undefined = -1;
  let sinceMs = performance.now();
  while (!signal.aborted) {
    await pause(standbyLookMs, signal);
    try {
      const { revision, position } = await look(parts);
      if (revision !== seen || !(await isBehind(parts, position))) {
        seen = revision;
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs >= takeOverAfterMs) {
        return;
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      parts.onFault(error);
      sinceMs = performance.now();
    }
  }
}

async function look({ eventStore }: Pick<LedgerParts, 'eventStore'>): Promise<Seen> {
  const mark = await eventStore.readMark(LEDGER_MARK);
  if (!mark) return { revision: undefined, position: undefined };
  const { position } = JSON.parse(mark.value) as { readonly position?: unknown };
  const isKnown = typeof position === 'string' && position !== '';
  return { revision: mark.revision, position: isKnown ? position : undefined };
}

async function isBehind(
  { eventStore }: Pick<LedgerParts, 'eventStore'>,
  position: Position | undefined,
): Promise<boolean> {
  const head = await eventStore.head();
  if (head === undefined) return false;
  return position === undefined || comparePositions(head, position) > 0;
}

/** Whether trying again may help without anybody doing something about it. */
export function isPassing(error: unknown): boolean {
  if (error instanceof LedgerError) return error.isPassing;
  return error instanceof StoreUnavailable || error instanceof AppendUnknown;
}
