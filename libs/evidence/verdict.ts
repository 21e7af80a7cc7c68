export type FaultKind =
  | 'event'
  | 'leaf'
  | 'tile'
  | 'entries'
  | 'checkpoint'
  | 'proof'
  | 'document'
  | 'file'
  | 'key'
  | 'policy'
  | 'kept'
  | 'cosignature'
  | 'time-token';

/** One thing that is not as it must be, and where. */
export type Fault = {
  readonly what: FaultKind;
  /**
   * Of an event or leaf its index in the log, of a tile or bundle its index within the level, of a
   * checkpoint its size, of a file the offset of a byte; null where there is none.
   */
  readonly index: number | null;
  readonly eventId?: string;
  /** In words, for people; holds no personal data. */
  readonly reason: string;
  /** C2SP path of a tile, name of a file in a pack. */
  readonly path?: string;
};

/** What a verifier found. Exit status 0 when `ok`, else 1. */
export type Verdict = {
  readonly ok: boolean;
  /** Name of the log; null when no checkpoint could be opened. */
  readonly origin: string | null;
  /**
   * Tree size of the checkpoint that the policy holds valid: what `ok` speaks for. Where none meets its
   * quorum, and the verdict is a bad one, of what was signed; 0 when there was none to trust.
   */
  readonly size: number;
  /** Leaves, or events, that were checked. */
  readonly checked: number;
  /** The first {@link FAULTS_MAX} or as many as asked, in the order they were found. */
  readonly faults: readonly Fault[];
  /** All that were found, listed or not. */
  readonly faultCount: number;
  /** What was checked and held, in words: nothing that a fault speaks against. */
  readonly checks: readonly string[];
  /** What none of it proves, in words. */
  readonly notProved: readonly string[];
};

/** Faults that a verdict lists unless told otherwise; further ones are counted. */
export const FAULTS_MAX = 100;

/** Gathers faults, as many as are listed; counts them all. */
export class FaultList {
  readonly #faults: Fault[] = [];
  readonly #kinds = new Set<FaultKind>();
  #count = 0;

  constructor(private readonly faultsMax: number = FAULTS_MAX) {}

  add(fault: Fault): void {
    this.#count += 1;
    this.#kinds.add(fault.what);
    if (this.#faults.length < this.faultsMax) this.#faults.push(fault);
  }

  /** Counts faults that nobody describes. */
  addUnlisted(what: FaultKind, count: number): void {
    this.#count += count;
    if (count > 0) this.#kinds.add(what);
  }

  /** Whether any fault is of one of these kinds, listed or not. */
  has(...kinds: readonly FaultKind[]): boolean {
    return kinds.some((kind) => this.#kinds.has(kind));
  }

  get count(): number {
    return this.#count;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }
}
