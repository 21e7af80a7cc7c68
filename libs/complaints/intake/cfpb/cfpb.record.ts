import { transact, type EventStore, type Transacted } from '#event-store/port';
import { canonicalJson, reject, type Clock, type Randomness, type Rejection } from '#kernel';
import type { ComplaintLodged, Source } from '../../complaint/complaint.events.js';
import { complaintReader } from '../../complaint/complaint.reader.js';
import {
  REFERENCE_ATTEMPTS_MAX,
  referenceOf,
  streamOfReference,
} from '../../complaint/reference.js';
import type { LodgeComplaint } from '../../features/lodge-complaint/lodge-complaint.decide.js';
import type { CfpbRow } from './cfpb.row.js';
import { commandIdOf, lodgingOf, sourceOf, stepsOf } from './cfpb.steps.js';

/** How often a row is tried again when another writer was quicker. */
const CONFLICT_ATTEMPTS_MAX = 4;

export type RecordOptions = {
  readonly eventStore: EventStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

/** Finds the complaint that the row lodged, or is to lodge, and brings it up to what the row says. */
export async function recordRow(
  row: CfpbRow,
  raw: string,
  options: RecordOptions,
): Promise<Transacted | Rejection> {
  const year = Number(row.receivedAt.slice(0, 4));
  const lodgeId = commandIdOf(row.id, 'lodge');
  let conflicts = 0;
  for (let attempt = 0; attempt < REFERENCE_ATTEMPTS_MAX;) {
    const reference = referenceOf(lodgeId, year, attempt);
    const source = sourceOf(row, raw);
    const outcome = await submit(row, reference, { source, earlier: NONE, options });
    if (outcome.kind === 'done') return outcome;
    if (outcome.code === 'complaint.already-lodged') attempt += 1;
    else if (outcome.code !== 'revision.conflict') {
      return recordChange(row, reference, { refusal: outcome, options });
    } else if ((conflicts += 1) >= CONFLICT_ATTEMPTS_MAX) return outcome;
  }
  return reject('reference.exhausted', `no free reference for ${row.id}`);
}

const NONE: ReadonlySet<string> = new Set();

type Known = {
  readonly source: Source;
  readonly earlier: ReadonlySet<string>;
  readonly options: RecordOptions;
};

function submit(row: CfpbRow, reference: string, known: Known): Promise<Transacted | Rejection> {
  const { eventStore, randomness, clock } = known.options;
  return transact(eventStore, randomness, {
    stream: streamOfReference(reference),
    reader: complaintReader,
    steps: stepsOf(row, lodgingOf(row, reference, known.source), {
      now: clock.now(),
      earlier: known.earlier,
    }),
  });
}

/**
 * The row is not what it was when it was imported. What the source may add later (the answer, the
 * reply, labels) is taken as further steps; a changed fact is refused, because the log has its own
 * way of correcting one.
 */
async function recordChange(
  row: CfpbRow,
  reference: string,
  { refusal, options }: { readonly refusal: Rejection; readonly options: RecordOptions },
): Promise<Transacted | Rejection> {
  const stored = await options.eventStore.readStream(streamOfReference(reference));
  const events = stored.map((event) => complaintReader.decode(event));
  const first = events[0];
  const source = first?.type === 'ComplaintLodged' ? first.data.source : undefined;
  // Nothing is there: the refusal was about the row itself.
  if (first?.type !== 'ComplaintLodged' || !source) return refusal;
  const changed = changedFacts(lodgingOf(row, reference, source), first.data);
  if (changed.length > 0) {
    return reject('row.changed', `${changed.join(', ')} changed since it was imported`);
  }
  const earlier = new Set(events.map(({ metadata }) => metadata.commandId));
  const outcome = await submit(row, reference, { source, earlier, options });
  if (outcome.kind === 'done' || outcome.code !== 'idempotency.key-reused') return outcome;
  return reject('row.changed', 'company, dates or response changed since it was imported');
}

/** Names, not values, of the facts of lodging that differ: values may be personal. */
function changedFacts(lodging: LodgeComplaint, stored: ComplaintLodged['data']): readonly string[] {
  const allegations = lodging.allegations.map((one, index) => ({ ...one, number: index + 1 }));
  const now: Readonly<Record<string, unknown>> = { ...lodging, allegations };
  const then: Readonly<Record<string, unknown>> = stored;
  return FACTS.filter(
    (fact) => canonicalJson(now[fact] ?? null) !== canonicalJson(then[fact] ?? null),
  );
}

const FACTS = [
  'channel',
  'receivedAt',
  'complainant',
  'region',
  'product',
  'subProduct',
  'narrative',
  'allegations',
] as const;
