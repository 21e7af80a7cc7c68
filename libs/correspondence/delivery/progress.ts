import type { NoticesState } from './notices-options.js';

type Count = 'raised' | 'sent' | 'deferred' | 'failed';

/** Deliveries are one of many; the other two run once each. */
export type Part = 'raising' | 'arming' | 'delivering';

/** What is told of the work: counts, and which part waits for what. */
export class Progress {
  readonly #counts: Record<Count, number> = {
    raised: 0,
    sent: 0,
    deferred: 0,
    failed: 0,
  };
  #due = 0;
  readonly #faults = new Map<Part, string>();

  constructor(private readonly onFault: (error: unknown) => void) {}

  count(what: Count): void {
    this.#counts[what] += 1;
  }

  /** How many are to be sent, as the read model says now. */
  seeDue(due: number): void {
    this.#due = due;
  }

  /** A part met a fault, and tries again. */
  met(part: Part, error: unknown): void {
    this.#faults.set(part, codeOf(error));
    this.onFault(error);
  }

  /** A part did what it is there for. */
  went(part: Part): void {
    this.#faults.delete(part);
  }

  state(): Omit<NoticesState, 'running'> {
    return { ...this.#counts, due: this.#due, waitingFor: [...new Set(this.#faults.values())] };
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
