import { happenedAt, type Instant, type Recorded } from '#kernel';
import type { ComplaintEvent } from './complaint.events.js';
import { evolve, type Complaint } from './complaint.state.js';

/** To which moment; what is left out does not limit. All may be combined. */
export type Moment = {
  /** The first so many events of the complaint. */
  readonly event?: number | undefined;
  /** What had happened by then, as far as is known. */
  readonly at?: Instant | undefined;
  /** What had been recorded by then. */
  readonly knownAt?: Instant | undefined;
};

export type Replayed =
  { readonly kind: 'complaint'; readonly complaint: Complaint } | { readonly kind: 'not-lodged' };

/**
 * A complaint at a moment, on both time lines, from all its events in order.
 *
 * `event` and `knownAt` say what is believed: they choose by what was recorded. `at` then asks
 * within this belief what had happened. A step happened at `occurredAt`, or else when it was
 * recorded. Two kinds of event tell of no moment of their own, but of what was so from the receipt
 * on, and so count from the time of receipt as believed: the lodging (the complaint was there
 * before somebody typed it in; and no step happens before receipt) and a correction (the fact was
 * always so). Hence `at` shows corrected facts; `knownAt` shows what was believed before.
 */
export function replay(
  events: readonly Recorded<ComplaintEvent>[],
  { event, at, knownAt }: Moment,
): Replayed {
  const believed = knownBy(events.slice(0, event), knownAt);
  const belief = fold(believed);
  if (!belief) return { kind: 'not-lodged' };
  if (at === undefined) return { kind: 'complaint', complaint: belief };
  const complaint = fold(believed.filter((one) => countsFrom(one, belief.receivedAt) <= at));
  return complaint ? { kind: 'complaint', complaint } : { kind: 'not-lodged' };
}

/**
 * The events recorded by a moment: always the first so many, as the log has them. Where a clock was
 * set back, what was recorded after an event was not known before it, whatever the clock said.
 */
function knownBy(
  events: readonly Recorded<ComplaintEvent>[],
  knownAt: Instant | undefined,
): readonly Recorded<ComplaintEvent>[] {
  if (knownAt === undefined) return events;
  const unknown = events.findIndex(({ metadata }) => metadata.recordedAt > knownAt);
  return unknown < 0 ? events : events.slice(0, unknown);
}

function fold(events: readonly Recorded<ComplaintEvent>[]): Complaint | undefined {
  return events.reduce(evolve, undefined as Complaint | undefined);
}

function countsFrom(event: Recorded<ComplaintEvent>, receivedAt: Instant): Instant {
  const always = event.type === 'ComplaintLodged' || event.type === 'FactCorrected';
  return always ? receivedAt : happenedAt(event.metadata);
}
