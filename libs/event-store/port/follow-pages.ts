import type { Position, StoredEvent } from '#kernel';
import { pause } from './arrivals.js';
import { StoreUnavailable } from './errors.js';
import type { FollowedPage, FollowOptions } from './event-store.js';

/** Reads that may fail one after the other before a follower gives up: about half a minute. */
export const FOLLOW_FAULTS_MAX = 40;
const FAULT_DELAY_MIN_MS = 25;
const FAULT_DELAY_MAX_MS = 1_000;

/** What is stored after a position, read at once. */
export type PageRead = {
  readonly events: readonly StoredEvent[];
  /** Nothing was stored beyond these events when they were read. */
  readonly atHead: boolean;
};

/** What an adapter brings so that its log can be followed by reading pages and waiting. */
export type Followable = {
  /** @throws StoreUnavailable a fault that may pass. */
  readonly readPage: (after: Position | undefined) => PageRead;
  /**
   * Resolves when something may have come after the last page, which was empty and was read in this
   * very turn of the event loop, or when the signal aborts.
   */
  readonly wait: (after: Position | undefined, signal: AbortSignal) => Promise<void>;
};

/**
 * Follows a log by reading after the last position handed out, so that nothing can be missed or
 * come twice, however slow the consumer. Ends without an error when the signal aborts.
 *
 * @throws StoreUnavailable when {@link FOLLOW_FAULTS_MAX} reads in a row failed.
 */
export async function* followPages(
  log: Followable,
  { after: from, signal, lingerMs = 0 }: FollowOptions,
): AsyncGenerator<FollowedPage, void, void> {
  let after = from;
  let caughtUp = false;
  let faults = 0;
  while (!signal.aborted) {
    const page = readOrFault(log, after);
    if (page instanceof StoreUnavailable) {
      if (++faults > FOLLOW_FAULTS_MAX) throw page;
      await pause(Math.min(FAULT_DELAY_MIN_MS * 2 ** (faults - 1), FAULT_DELAY_MAX_MS), signal);
      continue;
    }
    faults = 0;
    const last = page.events.at(-1);
    if (last) {
      after = last.position;
      caughtUp = page.atHead;
      yield { events: page.events, caughtUp };
    } else if (!caughtUp) {
      caughtUp = true;
      yield { events: [], caughtUp };
    } else {
      // Only here, straight after an empty read: while the consumer had a page, more may have come.
      await log.wait(after, signal);
      if (lingerMs > 0) await pause(lingerMs, signal);
    }
  }
}

function readOrFault(log: Followable, after: Position | undefined): PageRead | StoreUnavailable {
  try {
    return log.readPage(after);
  } catch (error) {
    if (error instanceof StoreUnavailable) return error;
    throw error;
  }
}
