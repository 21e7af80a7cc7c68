import type { EndingError } from '#http';
import { InvariantBroken } from '#kernel';

/** Exit statuses of sysexits.h, as supervisors of processes know them. */
export const ENDING_STATUS = {
  /** EX_SOFTWARE: an invariant broke. */
  invariantBroken: 70,
  /** EX_IOERR: a commit erred, and only opening the log again tells what is stored. */
  appendUnknown: 74,
} as const;

/** Longest time for answering what is under way before the process ends all the same. */
const ORDERLY_END_MAX_MS = 5_000;

/**
 * Ends the process by itself, once: a supervisor starts it again, and recovery at the start is the
 * code that runs at every start. From the first moment on readiness says so.
 */
export class Ending {
  #begunBy: string | undefined;

  constructor(
    /** Answers what is under way and closes the stores. */
    private readonly close: () => Promise<void>,
    private readonly exit: (status: number) => void,
  ) {}

  /** Code of the error that began it; undefined while all is well. */
  get begunBy(): string | undefined {
    return this.#begunBy;
  }

  begin(error: EndingError): void {
    if (this.#begunBy !== undefined) return;
    this.#begunBy = error.code;
    if (error instanceof InvariantBroken) {
      // Nothing more is to be done from a state that cannot be, closing included.
      setImmediate(() => this.exit(ENDING_STATUS.invariantBroken));
      return;
    }
    const end = () => this.exit(ENDING_STATUS.appendUnknown);
    setTimeout(end, ORDERLY_END_MAX_MS).unref();
    this.close().then(end, end);
  }
}
