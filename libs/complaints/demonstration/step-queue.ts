import type { Step } from '#event-store/port';
import type { Instant } from '#kernel';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import type { Complaint } from '../complaint/complaint.state.js';
import type { Story } from './story.js';

type Waiting = { readonly story: Story; readonly next: number; readonly at: Instant };

export type DueStep = {
  readonly stream: string;
  readonly steps: readonly Step<Complaint | undefined, ComplaintEvent>[];
};

/**
 * Merges stories, which begin in order of receipt, into one sequence of steps in order of
 * recording. Holds only the stories that have begun and not ended, however many there are in all.
 */
export class StepQueue {
  /** A binary heap: the step that is due first on top. */
  readonly #heap: Waiting[] = [];
  #coming: Story | undefined;

  constructor(
    private readonly stories: Iterator<Story, undefined>,
    /** Steps at or after this moment are still to come when the demonstration ends. */
    private readonly end: Instant,
  ) {
    this.#coming = this.#nextStory();
  }

  /** The next steps, each of another complaint; fewer where one complaint is due twice. */
  take(limit: number): readonly DueStep[] {
    const taken = new Map<string, DueStep>();
    while (taken.size < limit) {
      this.#begin();
      const [first] = this.#heap;
      if (!first || taken.has(first.story.stream)) break;
      this.#pop();
      const planned = first.story.steps[first.next];
      if (planned)
        taken.set(first.story.stream, { stream: first.story.stream, steps: [planned.step] });
      this.#push(first.story, first.next + 1);
    }
    return [...taken.values()];
  }

  /** Lets in every story that may have a step before the one on top. */
  #begin(): void {
    while (this.#coming) {
      const at = this.#coming.steps[0]?.at ?? this.end;
      const [top] = this.#heap;
      // Stories begin in order of receipt, and nothing is recorded before it is received.
      if (top && this.#coming.receivedAt > top.at) return;
      if (at < this.end) this.#push(this.#coming, 0);
      this.#coming = this.#nextStory();
    }
  }

  #nextStory(): Story | undefined {
    const result: IteratorResult<Story, undefined> = this.stories.next();
    return result.value;
  }

  #push(story: Story, next: number): void {
    const at = story.steps[next]?.at;
    if (at === undefined || at >= this.end) return;
    this.#heap.push({ story, next, at });
    for (let child = this.#heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfBefore(child, parent)) return;
      child = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = right < this.#heap.length && this.#before(right, left) ? right : left;
      if (child >= this.#heap.length || !this.#swapIfBefore(child, parent)) return;
      parent = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const [low, high] = [this.#heap[child], this.#heap[parent]];
    if (!low || !high || !this.#before(child, parent)) return false;
    this.#heap[child] = high;
    this.#heap[parent] = low;
    return true;
  }

  /** Equal moments go by stream, so that the order never depends on chance. */
  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (!a || !b) return false;
    return a.at < b.at || (a.at === b.at && a.story.stream < b.story.stream);
  }
}
