import type { Position } from '#kernel';
import {
  FOLLOW_FAULTS_MAX,
  pause,
  StoreUnavailable,
  type FollowedPage,
  type FollowOptions,
} from '#event-store/port';
import { backOff, type Backoff } from './backoff.js';
import type { Ring } from './doorbell.js';
import type { PageTaken } from './log-reader.js';

const FAULT_BACKOFF: Backoff = { delayMinMs: 25, delayMaxMs: 1_000 };

export type Followable = {
  /** @throws StoreUnavailable a fault that may pass. */
  readonly readPage: (after: Position | undefined) => Promise<PageTaken>;
  readonly rest: (after: Position | undefined) => Promise<Ring>;
};

/**
 * Follows a log by reading pages after what was handed out, and resting at its end. Ends without an
 * error when the signal aborts.
 *
 * @throws StoreUnavailable when {@link FOLLOW_FAULTS_MAX} reads in a row failed.
 */
export async function* followLog(
  log: Followable,
  { after, signal, lingerMs = 0 }: FollowOptions,
): AsyncGenerator<FollowedPage, void, void> {
  // Behind the last event handed out may lie events of the server's own, which need no second look.
  let lookedUpTo = after;
  let caughtUp = false;
  let faults = 0;
  let broken = 0;
  while (!signal.aborted) {
    const page = await readOrFault(log, lookedUpTo);
    if (signal.aborted) return;
    if (page instanceof StoreUnavailable) {
      if (++faults > FOLLOW_FAULTS_MAX) throw page;
      await backOff(FAULT_BACKOFF, faults, signal);
      continue;
    }
    faults = 0;
    lookedUpTo = page.lookedUpTo;
    if (page.events.length > 0) {
      broken = 0;
      caughtUp = page.atHead;
      yield { events: page.events, caughtUp };
    } else if (!caughtUp) {
      caughtUp = true;
      yield { events: [], caughtUp };
    } else {
      const ring = await log.rest(lookedUpTo);
      broken = ring === 'broken' ? broken + 1 : 0;
      // The first break is most often a burst, of which much is to be read.
      if (broken > 1) await backOff(FAULT_BACKOFF, broken - 1, signal);
      else if (lingerMs > 0) await pause(lingerMs, signal);
    }
  }
}

async function readOrFault(
  log: Followable,
  after: Position | undefined,
): Promise<PageTaken | StoreUnavailable> {
  try {
    return await log.readPage(after);
  } catch (error) {
    if (error instanceof StoreUnavailable) return error;
    throw error;
  }
}
