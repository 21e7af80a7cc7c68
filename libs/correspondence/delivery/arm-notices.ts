import { comparePositions, type Position } from '#kernel';
import { noticeOfStream } from '../notice/notice.reader.js';
import { findDueNotices } from '../queries/find-notices.query.js';
import type { NoticesLimits, NoticesOptions } from './notices-options.js';
import type { Progress } from './progress.js';

/** Notices that wait in the queue, from which on no more are armed: they are done soon enough. */
const WAITING_MAX = 1_000;
const PAGE_SIZE = 500;
/** Pages read to find some that are not held back. */
const PAGES_MAX = 10;
/** Notices raised just now; what is beyond comes from the read model a moment later. */
const FRESH_MAX = 1_000;
/** Notices held back because their delivery broke; of more, the oldest is let go. */
const HELD_MAX = 10_000;
const HOLD_FIRST_MS = 1_000;
const HOLD_MAX_MS = 60_000;

export type Arming = Pick<NoticesOptions, 'readModels' | 'clock' | 'queue' | 'bookmark'> & {
  readonly limits: Pick<NoticesLimits, 'tickMs'>;
  readonly progress: Progress;
};

type Hold = { readonly until: number; readonly delayMs: number };

/**
 * Arms what the read model says is due, again and again, so that the queue may forget everything at
 * any time. Moves the bookmark meanwhile.
 */
export class NoticeArming {
  readonly #fresh = new Set<string>();
  readonly #held = new Map<string, Hold>();
  #handled: Position | undefined;
  #marked: Position | undefined;
  #wake: () => void = () => undefined;

  constructor(private readonly arming: Arming) {}

  /** Raised just now: armed at once, without waiting for the read model. */
  raised(noticeId: string): void {
    if (this.#fresh.size < FRESH_MAX) this.#fresh.add(noticeId);
    this.#wake();
  }

  /** The log is done with up to here. */
  handled(position: Position): void {
    if (this.#handled === undefined || comparePositions(position, this.#handled) > 0) {
      this.#handled = position;
    }
  }

  /** Its delivery broke: it is left alone for a while, longer each time. */
  hold(noticeId: string): void {
    const known = this.#held.get(noticeId);
    const delayMs = known ? Math.min(known.delayMs * 2, HOLD_MAX_MS) : HOLD_FIRST_MS;
    this.#held.delete(noticeId);
    this.#held.set(noticeId, { until: performance.now() + delayMs, delayMs });
    const [oldest] = this.#held.keys();
    if (this.#held.size > HELD_MAX && oldest !== undefined) this.#held.delete(oldest);
  }

  release(noticeId: string): void {
    this.#held.delete(noticeId);
  }

  /** @throws NoticesUnavailable, EvictionPolicyRefused, ReadModelsUnavailable */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#armFresh();
      await this.moveBookmark();
      await this.#armDue();
      this.arming.progress.went('arming');
      await this.#rest(signal);
    }
  }

  /** @throws NoticesUnavailable */
  async moveBookmark(): Promise<void> {
    const position = this.#handled;
    if (position === undefined || position === this.#marked) return;
    await this.arming.bookmark.advance(position);
    this.#marked = position;
  }

  /** Also with nothing to arm: the queue then looks whether its server is as it should be. */
  async #armFresh(): Promise<void> {
    const fresh = [...this.#fresh];
    await this.arming.queue.arm(fresh);
    for (const id of fresh) this.#fresh.delete(id);
  }

  async #armDue(): Promise<void> {
    const { readModels, clock, queue, progress } = this.arming;
    const { waiting, active } = await queue.depth();
    const now = clock.now();
    const ids: string[] = [];
    let seen = 0;
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX && ids.length < PAGE_SIZE; page += 1) {
      const { rows, next } = await findDueNotices(readModels, now, { limit: PAGE_SIZE, after });
      seen += rows.length;
      ids.push(...rows.map(({ id }) => noticeOfStream(id)).filter((id) => !this.#isHeld(id)));
      if (next === undefined) break;
      after = next;
    }
    progress.seeDue(seen);
    // As many as are due wait already: arming them again would only keep the server busy.
    if (waiting < WAITING_MAX && waiting + active < ids.length) await queue.arm(ids);
  }

  #isHeld(noticeId: string): boolean {
    const hold = this.#held.get(noticeId);
    return hold !== undefined && hold.until > performance.now();
  }

  /** Until the next tick, or until something is raised. */
  async #rest(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#fresh.size > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.arming.limits.tickMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    signal.removeEventListener('abort', this.#wake);
    this.#wake = () => undefined;
  }
}
