import type { Position, StoredEvent } from '#kernel';
import { pause } from './arrivals.js';
import { AppendUnknown, StoreUnavailable } from './errors.js';
import type { EventStore } from './event-store.js';

/** One of the two logs of a copy. */
export type CopySide = {
  readonly store: EventStore;
  /**
   * Faults in a row that are waited out, each longer than the one before. 0 for a store that must
   * be opened again after a fault: waiting would not help.
   */
  readonly faultsMax: number;
};

/** For a server that may be started again: about four and a half minutes. */
export const SERVER_FAULTS_MAX = 60;
const FAULT_DELAY_MIN_MS = 50;
const FAULT_DELAY_MAX_MS = 5_000;
const READ_PAGE_SIZE = 2_000;

/** Told before each wait, so that nobody takes waiting for work. */
export type OnFault = (error: Error, delayMs: number) => void;

/** Nobody calls a wait off: who ends a copy ends its process, and runs it again. */
const NEVER = new AbortController().signal;

/** Waits after a fault that may pass. Throws any other, and the one that comes too often. */
export async function waitOut(
  error: unknown,
  { faultsMax }: Pick<CopySide, 'faultsMax'>,
  faults: number,
  onFault: OnFault,
): Promise<void> {
  const mayPass = error instanceof StoreUnavailable || error instanceof AppendUnknown;
  if (!mayPass || faults >= faultsMax) throw error;
  const delayMs = Math.min(FAULT_DELAY_MIN_MS * 2 ** faults, FAULT_DELAY_MAX_MS);
  onFault(error, delayMs);
  await pause(delayMs, NEVER);
}

/** Where a reading of a log starts and ends; both ends may be left open. */
export type ReadRange = {
  readonly after?: Position | undefined;
  /** Inclusive; what is stored when it is read, when absent. */
  readonly to?: Position | undefined;
};

/** The events of a log in order, as many at a time as are there; goes on after faults that pass. */
export class CopyReader {
  readonly #pages: AsyncGenerator<readonly StoredEvent[]>;
  #page: readonly StoredEvent[] = [];
  #taken = 0;

  constructor(side: CopySide, range: ReadRange, onFault: OnFault) {
    this.#pages = pagesOf(side, range, onFault);
  }

  /** How many events can be taken now; 0 at the end of the range. */
  async available(): Promise<number> {
    while (this.#taken >= this.#page.length) {
      const next = await this.#pages.next();
      if (next.done) return 0;
      this.#page = next.value;
      this.#taken = 0;
    }
    return this.#page.length - this.#taken;
  }

  /** The next events, of those that are {@link available}. */
  take(count: number): readonly StoredEvent[] {
    const events = this.#page.slice(this.#taken, this.#taken + count);
    this.#taken += events.length;
    return events;
  }
}

async function* pagesOf(
  side: CopySide,
  { after, to }: ReadRange,
  onFault: OnFault,
): AsyncGenerator<readonly StoredEvent[]> {
  let last = after;
  let faults = 0;
  for (;;) {
    try {
      const options = {
        pageSize: READ_PAGE_SIZE,
        ...(last === undefined ? {} : { after: last }),
        ...(to === undefined ? {} : { to }),
      };
      for await (const page of side.store.readAll(options)) {
        faults = 0;
        last = page.at(-1)?.position ?? last;
        yield page;
      }
      return;
    } catch (error) {
      await waitOut(error, side, faults, onFault);
      faults += 1;
    }
  }
}
