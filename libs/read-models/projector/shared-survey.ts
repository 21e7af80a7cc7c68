import type { Position } from '#kernel';
import { holdsPosition, type EventStore } from '#event-store/port';
import type { Projection, ReadModels } from '#read-models/port';
import { askedOnce } from './asked-once.js';
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

/** What one survey asks of the log, each position once. */
type LogLook = {
  readonly holds: (position: Position) => Promise<boolean>;
  readonly lagAfter: (position: Position | undefined) => Promise<number>;
};

/**
 * Looks at read models, at all of them at once: whoever begins anew after a fault stands still until
 * it is done. One that was found ready is followed for as long as it stands; how far it lags, which
 * takes reading the log, is not asked again.
 */
export class Surveyor {
  private readonly found = new Set<string>();

  constructor(private readonly stores: SurveyedStores) {}

  async survey(sources: readonly ProjectionSource[]): Promise<Survey> {
    const { eventStore } = this.stores;
    const log: LogLook = {
      holds: askedOnce((position) => holdsPosition(eventStore, position)),
      lagAfter: askedOnce((position) => lagOf(eventStore, position)),
    };
    const places = await Promise.all(sources.map((source) => this.placeOf(source, log)));
    const inPlace = (place: Place) => sources.filter((_, index) => places[index] === place);
    return { ready: inPlace('ready'), outdated: inPlace('outdated'), later: inPlace('later') };
  }

  private async placeOf({ projection }: ProjectionSource, log: LogLook): Promise<Place> {
    const { name } = projection;
    const place = await this.lookAt(projection, log);
    if (place === 'ready') this.found.add(name);
    else this.found.delete(name);
    return place;
  }

  private async lookAt(projection: Projection, { holds, lagAfter }: LogLook): Promise<Place> {
    const { eventStore, readModels } = this.stores;
    const progress = await readModels.progress(projection);
    if (progress.condition === 'stale') {
      return progress.version > projection.version ? 'later' : 'outdated';
    }
    if (await isOfAnotherLog(eventStore, progress, holds)) return 'outdated';
    const { checkpoint } = progress;
    if (checkpoint && this.found.has(projection.name)) return 'ready';
    // What has come further catches up quicker, shared by all, than one process builds it anew.
    if ((checkpoint?.eventsSeen ?? 0) > LAG_COUNT_MAX) return 'ready';
    return (await lagAfter(checkpoint?.position)) >= LAG_COUNT_MAX ? 'outdated' : 'ready';
  }
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
