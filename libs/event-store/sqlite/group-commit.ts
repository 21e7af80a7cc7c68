import { AppendUnknown, StoreUnavailable, type Appended } from '#event-store/port';
import { messageOf } from './driver-errors.js';
import type { Append, GroupOutcome, Write, Written } from './log-writer.js';
import type { MarkWrite, MarkWritten } from './mark-table.js';

/** Appends that may wait for a turn; more are refused, since nothing would be gained by waiting. */
export const QUEUED_APPENDS_MAX = 10_000;
/** Events in one transaction, unless a single append holds more. */
export const GROUP_EVENTS_MAX = 2_000;
/** Data and metadata in one transaction, which SQLite holds in memory until it commits. */
export const GROUP_SIZE_MAX_BYTES = 8_000_000;

type Waiting = Write & {
  readonly sizeBytes: number;
  readonly eventCount: number;
  readonly resolve: (written: Written) => void;
  readonly reject: (error: Error) => void;
};

export type GroupWriter = { readonly write: (group: readonly Write[]) => GroupOutcome };

/**
 * Lets appends that arrive in the same turn of the event loop share one transaction and one fsync.
 * After a COMMIT that erred it takes no more: what is stored is known only after opening again.
 */
export class GroupCommit {
  readonly #queue: Waiting[] = [];
  #isScheduled = false;
  #stoppedBy: Error | undefined;

  constructor(
    private readonly writer: GroupWriter,
    /** Called after each commit that wrote something, before its appends are answered. */
    private readonly onWritten: () => void,
  ) {}

  /** Resolves once durable. @throws WrongExpectedRevision, StoreUnavailable, AppendUnknown */
  append({
    stream,
    expected,
    events,
    sizeBytes,
  }: Append & { readonly sizeBytes: number }): Promise<Appended> {
    return this.#queued((resolve, reject) => {
      const eventCount = events.length;
      // A plain literal: with a spread in it this took as long as the rest of the function.
      return { stream, expected, events, sizeBytes, eventCount, resolve, reject };
    }) as Promise<Appended>;
  }

  /** Shares its commit with the appends of its turn. Resolves and throws as they do. */
  mark({ mark, value, expected }: MarkWrite): Promise<MarkWritten> {
    const sizeBytes = Buffer.byteLength(value);
    return this.#queued((resolve, reject) => {
      return { mark, value, expected, sizeBytes, eventCount: 0, resolve, reject };
    }) as Promise<MarkWritten>;
  }

  #queued(
    waiting: (resolve: Waiting['resolve'], reject: Waiting['reject']) => Waiting,
  ): Promise<Written> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal();
      if (refusal) {
        reject(refusal);
        return;
      }
      this.#queue.push(waiting(resolve, reject));
      this.#schedule();
    });
  }

  /** Commits all that waits, now: at most {@link QUEUED_APPENDS_MAX} appends. */
  flush(): void {
    while (this.#queue.length > 0) this.#flushGroup();
  }

  #refusal(): StoreUnavailable | undefined {
    if (this.#stoppedBy) return stopped(this.#stoppedBy);
    if (this.#queue.length < QUEUED_APPENDS_MAX) return undefined;
    return new StoreUnavailable(`${QUEUED_APPENDS_MAX} appends wait already; try again`);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // setImmediate and not a microtask: what the network has brought by now joins the group.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flushGroup();
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #flushGroup(): void {
    const group = this.#queue.splice(0, this.#groupLength());
    if (group.length === 0) return;
    if (this.#stoppedBy) {
      rejectAll(group, stopped(this.#stoppedBy));
      return;
    }
    this.#answer(group, this.writer.write(group));
  }

  #groupLength(): number {
    let events = 0;
    let sizeBytes = 0;
    for (const [index, write] of this.#queue.entries()) {
      events += write.eventCount;
      sizeBytes += write.sizeBytes;
      if (index > 0 && (events > GROUP_EVENTS_MAX || sizeBytes > GROUP_SIZE_MAX_BYTES))
        return index;
    }
    return this.#queue.length;
  }

  #answer(group: readonly Waiting[], outcome: GroupOutcome): void {
    if (outcome.kind === 'rolled-back') {
      const { cause } = outcome;
      const text = `nothing was written, try again: ${messageOf(cause)}`;
      rejectAll(group, new StoreUnavailable(text, { cause }));
      return;
    }
    if (outcome.kind === 'unknown') {
      const { cause } = outcome;
      const text = `the commit erred, open the store again and retry the same ids: ${messageOf(cause)}`;
      this.#stoppedBy = new AppendUnknown(text, { cause });
      rejectAll(group, this.#stoppedBy);
      return;
    }
    if (outcome.outcomes.some(isAppended)) this.onWritten();
    outcome.outcomes.forEach((one, index) => {
      if (one instanceof Error) group[index]?.reject(one);
      else group[index]?.resolve(one);
    });
  }
}

function isAppended(outcome: Written | Error): boolean {
  return 'repeated' in outcome && !outcome.repeated;
}

function rejectAll(group: readonly Waiting[], error: Error): void {
  for (const { reject } of group) reject(error);
}

function stopped(cause: Error): StoreUnavailable {
  return new StoreUnavailable('the store takes no appends until it is opened again', { cause });
}
