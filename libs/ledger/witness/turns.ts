import { WitnessBusy } from './witness-errors.js';

/** Requests that wait for one log; a log signs one checkpoint a second at most. */
export const TURNS_WAITING_MAX = 64;

/** Lets work with the same name run one after the other, in the order in which it came. */
export class Turns {
  readonly #waiting = new Map<
    string,
    { readonly last: Promise<unknown>; readonly count: number }
  >();

  /** @throws WitnessBusy when too many wait already; what the work throws. */
  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const { last, count } = this.#waiting.get(name) ?? { last: Promise.resolve(), count: 0 };
    if (count >= TURNS_WAITING_MAX) throw new WitnessBusy(`${count} requests wait for one log`);
    const turn = last.then(work, work);
    this.#waiting.set(name, { last: turn, count: count + 1 });
    try {
      return await turn;
    } finally {
      this.leave(name);
    }
  }

  private leave(name: string): void {
    const now = this.#waiting.get(name);
    if (now === undefined || now.count === 1) this.#waiting.delete(name);
    else this.#waiting.set(name, { ...now, count: now.count - 1 });
  }
}
