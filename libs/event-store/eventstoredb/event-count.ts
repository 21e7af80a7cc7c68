import { comparePositions, type Position } from '#kernel';

/** So many events up to and including a position. */
export type Mark = { readonly position: Position; readonly count: number };

/** Where events are, in order of position; some are the server's own and not counted. */
export type Places = {
  readonly places: (
    after: Position | undefined,
    signal: AbortSignal,
  ) => AsyncIterable<readonly { readonly position: Position; readonly isOurs: boolean }[]>;
};

/** Where marks outlive the process. */
export type MarkStore = {
  /** The latest mark, or undefined when there is none or it cannot be read. */
  readonly read: (signal: AbortSignal) => Promise<Mark | undefined>;
  /** Keeps a mark unless a later one is kept already; may fail without a word. */
  readonly write: (mark: Mark) => Promise<void>;
};

/** Marks in memory beyond the regular ones: the last asked for, since the next is mostly later. */
const RECENT_MARKS_MAX = 16;

/**
 * Counts the events of a log that keeps no count, by reading: each event once, and after a restart
 * only what came after the last mark that was kept.
 */
export class EventCount {
  /** In order of position. */
  #regular: Mark[] = [];
  #recent: Mark[] = [];
  #isLoaded = false;
  #counting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly reader: Places,
    private readonly marks: MarkStore,
    private readonly options: { readonly signal: AbortSignal; readonly markEvery: number },
  ) {}

  /** One after the other, so that what two ask for is read once. @throws StoreUnavailable */
  upTo(position: Position): Promise<number> {
    const counting = this.#counting.then(() => this.#count(position));
    this.#counting = counting.catch(() => undefined);
    return counting;
  }

  async #count(position: Position): Promise<number> {
    if (!this.#isLoaded) {
      const kept = await this.marks.read(this.options.signal);
      if (kept) this.#regular.push(kept);
      this.#isLoaded = true;
    }
    const { signal, markEvery } = this.options;
    let mark = this.#latestUpTo(position);
    if (mark?.position === position) return mark.count;
    let { count } = mark ?? { count: 0 };
    for await (const places of this.reader.places(mark?.position, signal)) {
      for (const place of places) {
        if (comparePositions(place.position, position) > 0) return this.#remember(mark, count);
        if (!place.isOurs) continue;
        count += 1;
        mark = { position: place.position, count };
        if (count % markEvery === 0) await this.#keep(mark);
        if (place.position === position) return this.#remember(mark, count);
      }
    }
    return this.#remember(mark, count);
  }

  #latestUpTo(position: Position): Mark | undefined {
    let latest: Mark | undefined;
    for (const mark of [...this.#regular, ...this.#recent]) {
      if (comparePositions(mark.position, position) > 0) continue;
      if (!latest || mark.count > latest.count) latest = mark;
    }
    return latest;
  }

  #remember(mark: Mark | undefined, count: number): number {
    if (mark) this.#recent = [...this.#recent, mark].slice(-RECENT_MARKS_MAX);
    return count;
  }

  async #keep(mark: Mark): Promise<void> {
    if (this.#regular.some(({ count }) => count === mark.count)) return;
    this.#regular = [...this.#regular, mark].toSorted((a, b) => a.count - b.count);
    const latest = this.#regular.at(-1);
    if (latest === mark) await this.marks.write(mark);
  }
}
