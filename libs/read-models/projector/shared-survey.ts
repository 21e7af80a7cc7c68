import type { Position } from '#kernel';
import type { EventStore } from '#event-store/port';
import type { ReadModels } from '#read-models/port';
import { isOfAnotherLog, type ProjectionStatus } from './projection-status.js';
import type { ProjectionSource } from './projection-source.js';

/**
 * Events that a lag is counted up to, by reading them: a store that keeps no count would have to
 * read its whole log for an exact one. More than this is "far behind" in any case.
 */
export const LAG_COUNT_MAX = 10_000;
const PAGE_SIZE = 2_000;

export type SurveyedStores = { readonly eventStore: EventStore; readonly readModels: ReadModels };

/** What is to be done about each read model. */
export type Survey = {
  /** To be followed. */
  readonly ready: readonly ProjectionSource[];
  /** To be built anew: absent or young with much to read, of an earlier version, of another log. */
  readonly outdated: readonly ProjectionSource[];
  /** Of a later version than this program's: another program's business while that one lives. */
  readonly later: readonly ProjectionSource[];
};

type Place = keyof Survey;

export async function survey(
  stores: SurveyedStores,
  sources: readonly ProjectionSource[],
): Promise<Survey> {
  const places = new Map<ProjectionSource, Place>();
  for (const source of sources) places.set(source, await placeOf(stores, source));
  const inPlace = (place: Place) => sources.filter((source) => places.get(source) === place);
  return { ready: inPlace('ready'), outdated: inPlace('outdated'), later: inPlace('later') };
}

async function placeOf(
  { eventStore, readModels }: SurveyedStores,
  { projection }: ProjectionSource,
): Promise<Place> {
  const progress = await readModels.progress(projection);
  if (progress.condition === 'stale') {
    return progress.version > projection.version ? 'later' : 'outdated';
  }
  if (await isOfAnotherLog(eventStore, progress)) return 'outdated';
  // What has come further catches up quicker, shared by all, than one process builds it anew.
  if ((progress.checkpoint?.eventsSeen ?? 0) > LAG_COUNT_MAX) return 'ready';
  const lag = await lagOf(eventStore, progress.checkpoint?.position);
  return lag >= LAG_COUNT_MAX ? 'outdated' : 'ready';
}

/** Events after a position, of all kinds, counted up to {@link LAG_COUNT_MAX} by reading them. */
export async function lagOf(eventStore: EventStore, after: Position | undefined): Promise<number> {
  const range = { pageSize: PAGE_SIZE, ...(after === undefined ? {} : { after }) };
  let count = 0;
  for await (const page of eventStore.readAll(range)) {
    count += page.length;
    if (count >= LAG_COUNT_MAX) return LAG_COUNT_MAX;
  }
  return count;
}

/** As far as can be told without counting the log: lags are exact below {@link LAG_COUNT_MAX}. */
export async function sharedStatusOf(
  { eventStore, readModels }: SurveyedStores,
  sources: readonly ProjectionSource[],
): Promise<readonly ProjectionStatus[]> {
  const lags = new Map<Position | undefined, number>();
  const statuses: ProjectionStatus[] = [];
  for (const { projection } of sources) {
    const progress = await readModels.progress(projection);
    const { checkpoint } = progress;
    const position = checkpoint?.position;
    // Of another log it has nothing yet.
    const from = (await isOfAnotherLog(eventStore, progress)) ? undefined : position;
    const lagEvents = lags.get(from) ?? (await lagOf(eventStore, from));
    lags.set(from, lagEvents);
    statuses.push({ ...progress, lagEvents, eventsMissing: checkpoint?.eventsMissing ?? 0 });
  }
  return statuses;
}
