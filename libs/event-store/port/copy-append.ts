import { eventSizeBytes, InvariantBroken, type NewEvent, type StoredEvent } from '#kernel';
import { CopyRefused } from './copy-refused.js';
import { waitOut, type CopySide, type OnFault } from './copy-reader.js';
import { WrongExpectedRevision } from './errors.js';
import { APPEND_COUNT_MAX, APPEND_SIZE_MAX_BYTES } from './event-store.js';

export type CopyTarget = CopySide & {
  /**
   * Appends that may be sent in one turn. More than 1 only for a store that commits what is sent in
   * one turn in that order and together or not at all; where several are under way with no order
   * promised, one that fails while the next is stored would leave the log in another order.
   */
  readonly appendsTogetherMax: number;
};

/** Events and bytes of the appends of one turn; the embedded store commits as much at once. */
const TOGETHER_EVENTS_MAX = 2_000;
const TOGETHER_SIZE_MAX_BYTES = 8_000_000;

/** Consecutive events of one stream, without a gap between them. */
export type Run = {
  readonly stream: string;
  readonly events: readonly StoredEvent[];
  readonly sizeBytes: number;
};

/** Splits a piece of a log into runs that one append can hold; order is kept. */
export function runsOf(events: readonly StoredEvent[]): readonly Run[] {
  const runs: Run[] = [];
  let run: StoredEvent[] = [];
  let sizeBytes = 0;
  const finish = () => {
    const [first] = run;
    if (first) runs.push({ stream: first.stream, events: run, sizeBytes });
    run = [];
    sizeBytes = 0;
  };
  for (const event of events) {
    const eventBytes = eventSizeBytes(event);
    const isFull = run.length >= APPEND_COUNT_MAX || sizeBytes + eventBytes > APPEND_SIZE_MAX_BYTES;
    const last = run.at(-1);
    if (isFull || last?.stream !== event.stream || last.revision + 1 !== event.revision) finish();
    run.push(event);
    sizeBytes += eventBytes;
  }
  finish();
  return runs;
}

/** Appends a piece of a log in its order. Durable when it resolves. @throws CopyRefused */
export async function appendInOrder(
  target: CopyTarget,
  events: readonly StoredEvent[],
  onFault: OnFault,
): Promise<void> {
  let waiting = runsOf(events);
  while (waiting.length > 0) {
    const count = togetherCountOf(waiting, target.appendsTogetherMax);
    await appendTogether(target, waiting.slice(0, count), onFault);
    waiting = waiting.slice(count);
  }
}

function togetherCountOf(runs: readonly Run[], countMax: number): number {
  let events = 0;
  let sizeBytes = 0;
  for (const [index, run] of runs.entries()) {
    events += run.events.length;
    sizeBytes += run.sizeBytes;
    const isFull = events > TOGETHER_EVENTS_MAX || sizeBytes > TOGETHER_SIZE_MAX_BYTES;
    if (index > 0 && (isFull || index >= countMax)) return index;
  }
  return runs.length;
}

async function appendTogether(
  target: CopyTarget,
  runs: readonly Run[],
  onFault: OnFault,
): Promise<void> {
  let waiting = runs;
  let faults = 0;
  while (waiting.length > 0) {
    // Sent in one turn; what came before the first that failed is stored.
    const settled = await Promise.allSettled(waiting.map((run) => append(target, run)));
    const failedAt = settled.findIndex(({ status }) => status === 'rejected');
    if (failedAt < 0) return;
    const failed = settled[failedAt];
    const error: unknown = failed?.status === 'rejected' ? failed.reason : undefined;
    waiting = waiting.slice(failedAt);
    if (error instanceof WrongExpectedRevision) {
      waiting = await withoutStored(target, waiting, error);
      continue;
    }
    faults = failedAt > 0 ? 0 : faults;
    await waitOut(error, target, faults, onFault);
    faults += 1;
  }
}

async function append({ store }: CopyTarget, { stream, events }: Run): Promise<void> {
  const first = events[0]?.revision ?? 0;
  const expected = first === 0 ? 'no-stream' : first - 1;
  await store.append(stream, expected, events.map(newEventOf));
}

/** The stored bytes go as they are: a copy that wrote them anew could change them. */
function newEventOf({ id, type, data, metadata }: StoredEvent): NewEvent {
  return { id, type, data, metadata };
}

/**
 * An append of an earlier run of the copy may have arrived after the logs were compared, with fewer
 * events than this one. What is stored already is left out; it is where it belongs, since that
 * append was the next in order then as now.
 */
async function withoutStored(
  { store }: CopyTarget,
  [run, ...later]: readonly Run[],
  cause: WrongExpectedRevision,
): Promise<readonly Run[]> {
  const [first] = run?.events ?? [];
  if (!run || !first) throw new InvariantBroken('a run holds at least one event');
  const { stream, events } = run;
  const to = first.revision + events.length - 1;
  const stored = await store.readStream(stream, { from: first.revision, to });
  const isOurs = stored.every(({ id }, index) => id === events[index]?.id);
  if (stored.length === 0 || !isOurs) {
    throw new CopyRefused('migrate.target-changed', describeChange(run, cause), { cause });
  }
  return [...runsOf(events.slice(stored.length)), ...later];
}

function describeChange({ stream, events }: Run, { actual }: WrongExpectedRevision): string {
  const revision = events[0]?.revision ?? 0;
  return (
    `${stream} ends in the target at ${actual ?? 'nothing'}, and the next event of the source has ` +
    `revision ${revision}: somebody else writes to the target, or events are missing in the source`
  );
}
