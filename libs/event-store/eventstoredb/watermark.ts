import { comparePositions, type Position } from '#kernel';

/**
 * The highest position that is surely an event's. What the server answers to an append with a
 * position up to here was stored before that append was sent.
 */
export class Watermark {
  #highest: Position | undefined;
  #asking: Promise<void> | undefined;
  #isAsked = false;

  constructor(private readonly askHead: () => Promise<Position | undefined>) {}

  get highest(): Position | undefined {
    return this.#highest;
  }

  /** True once the head was asked for: what other processes wrote before this one is below. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  note(position: Position | undefined): void {
    if (position === undefined) return;
    if (this.#highest === undefined || comparePositions(position, this.#highest) > 0) {
      this.#highest = position;
    }
  }

  /** Asks for the head, once for all who wait. @throws StoreUnavailable */
  ask(): Promise<void> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<void> {
    try {
      this.note(await this.askHead());
      this.#isAsked = true;
    } finally {
      this.#asking = undefined;
    }
  }
}
