import type { Bookmark, NoticeQueue } from '#notices/port';

/** A queue and a bookmark with nothing in them. */
export type QueueSpace = {
  readonly queue: NoticeQueue;
  readonly bookmark: Bookmark;
  /** What the queue told of, in order. */
  readonly faults: readonly unknown[];
  /** Another handle on the same bookmark, as after a restart. */
  readonly reopenBookmark: () => Bookmark;
  /** Closes what is open and removes the rest. */
  readonly remove: () => Promise<void>;
};

export type QueueHarness = { readonly create: () => Promise<QueueSpace> };

/** Resolves when a condition holds; the looking again is bounded by the test's own time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + UNTIL_MAX_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not come true: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** An upper bound for a busy machine, not an expectation. */
const UNTIL_MAX_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/** A promise and the hand that opens it. */
export function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
