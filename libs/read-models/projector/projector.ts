import { setImmediate as turn } from 'node:timers/promises';
import type { Position, StoredEvent } from '#kernel';
import type { EventStore } from '#event-store/port';
import type { ReadModels } from '#read-models/port';
import { compareAll } from './compare.js';
import { earliestOf, LiveFold } from './live-fold.js';
import type { Compared, CompareOptions, Rebuilt, RebuildOptions } from './options.js';
import { isOfAnotherLog, LogCounts, statusOf, type ProjectionStatus } from './projection-status.js';
import { Decoded, type ProjectionSource } from './projection-source.js';
import { rebuildAll } from './rebuild.js';
import { supervised, waitForReal, type Wait } from './supervision.js';

/** Events a read model may be behind before it is rather built anew than caught up. */
export const BEHIND_EVENTS_MAX = 10_000;
/** Events stored in one transaction. */
const PAGE_SIZE_DEFAULT = 2_000;

export type ProjectorOptions = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projections: readonly ProjectionSource[];
  readonly pageSize?: number;
  /** Told of each fault of a store that the projector waits out. */
  readonly onFault?: (error: Error) => void;
  /** For tests: waits between attempts. */
  readonly wait?: Wait;
};

export type ProjectorStatus = {
  readonly head: Position | undefined;
  /** Largest of the projections' lags. */
  readonly lagEvents: number;
  readonly eventsMissing: number;
  readonly projections: readonly ProjectionStatus[];
};

/**
 * Follows the log and keeps the read models: each by its own checkpoint, each event exactly once.
 * A read model of another version is rebuilt beside the old one, which serves meanwhile.
 */
export class Projector {
  private readonly eventStore: EventStore;
  private readonly readModels: ReadModels;
  private readonly sources: readonly ProjectionSource[];
  private readonly pageSize: number;

  constructor(private readonly options: ProjectorOptions) {
    this.eventStore = options.eventStore;
    this.readModels = options.readModels;
    this.sources = options.projections;
    this.pageSize = options.pageSize ?? PAGE_SIZE_DEFAULT;
  }

  /**
   * Follows the log until the signal aborts, then resolves. Waits out passing faults of the stores.
   * @throws ProjectionStopped naming an event that cannot be decoded or folded; never skips it.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.supervise(signal, async (progressed) => {
        while (!signal.aborted) await this.round(signal, progressed);
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Brings all read models to where the log is now, then resolves. @throws as {@link run} */
  async catchUp(options: Pick<RebuildOptions, 'progress' | 'signal'> = {}): Promise<void> {
    const { signal } = options;
    const to = await this.eventStore.head();
    await this.supervise(signal, async (progressed) => {
      const { outdated } = await this.survey();
      if (outdated.length > 0) await rebuildAll(this.stores(), outdated, options);
      progressed();
      // Made even when the log is empty, so that an empty read model is there to be queried.
      const folds = await this.begin(this.sources);
      if (to === undefined) return;
      const after = earliestOf(folds);
      const range = { to, pageSize: this.pageSize, ...(after === undefined ? {} : { after }) };
      for await (const page of this.eventStore.readAll(range)) {
        signal?.throwIfAborted();
        await this.take(folds, page);
        progressed();
      }
    });
  }

  /**
   * Builds read models beside the live ones and switches each when it has caught up.
   * @throws ProjectionStopped, ReadModelsUnavailable, StoreUnavailable; then nothing is changed.
   */
  async rebuild(options: RebuildOptions = {}): Promise<Rebuilt> {
    const chosen = this.chosen(options.only);
    for (const { projection } of chosen) {
      const status = await this.readModels.progress(projection);
      if (await isOfAnotherLog(this.eventStore, status)) await this.readModels.forget(projection);
    }
    return rebuildAll(this.stores(), chosen, options);
  }

  /** Folds the log again, apart, and holds the live read models against it. Changes nothing. */
  async compare(options: CompareOptions = {}): Promise<Compared> {
    return compareAll(this.stores(), this.chosen(options.only), options);
  }

  async status(): Promise<ProjectorStatus> {
    const head = await this.eventStore.head();
    const projections: ProjectionStatus[] = [];
    const counts = new LogCounts(this.eventStore);
    for (const { projection } of this.sources) {
      projections.push(await statusOf(this.eventStore, this.readModels, projection, counts));
    }
    return {
      head,
      lagEvents: Math.max(0, ...projections.map(({ lagEvents }) => lagEvents)),
      eventsMissing: Math.max(0, ...projections.map(({ eventsMissing }) => eventsMissing)),
      projections,
    };
  }

  /** Follows with what is ready, and rebuilds the rest meanwhile; ends when a rebuild has ended. */
  private async round(signal: AbortSignal, progressed: () => void): Promise<void> {
    const { ready, outdated } = await this.survey();
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const end = () => ending.abort();
    const following = this.follow(ready, either, progressed);
    if (outdated.length === 0) return following;
    const rebuilding = rebuildAll(this.stores(), outdated, { signal: either }).then(progressed);
    // The first to end takes the other with it: a fault is then waited out for both.
    const both = [
      rebuilding.finally(end),
      following.catch((error: unknown) => {
        end();
        throw error;
      }),
    ];
    const results = await Promise.allSettled(both);
    const faults = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const fault = faults.find((reason) => reason !== either.reason);
    if (fault instanceof Error) throw fault;
  }

  private async follow(
    sources: readonly ProjectionSource[],
    signal: AbortSignal,
    progressed: () => void,
  ): Promise<void> {
    if (sources.length === 0) return;
    const folds = await this.begin(sources);
    const after = earliestOf(folds);
    const options = { signal, pageSize: this.pageSize, ...(after === undefined ? {} : { after }) };
    for await (const { events } of this.eventStore.follow(options)) {
      await this.take(folds, events);
      progressed();
      // Reading and writing may never leave the turn: timers and sockets want theirs.
      await turn();
    }
  }

  private async take(folds: readonly LiveFold[], page: readonly StoredEvent[]): Promise<void> {
    const decoded = page.map((stored) => new Decoded(stored));
    for (const fold of folds) await fold.take(decoded);
  }

  private async begin(sources: readonly ProjectionSource[]): Promise<readonly LiveFold[]> {
    const folds: LiveFold[] = [];
    for (const source of sources) {
      folds.push(await LiveFold.begin(source, await this.readModels.writer(source.projection)));
    }
    return folds;
  }

  private async survey(): Promise<{
    readonly ready: readonly ProjectionSource[];
    readonly outdated: readonly ProjectionSource[];
  }> {
    const ready: ProjectionSource[] = [];
    const outdated: ProjectionSource[] = [];
    const counts = new LogCounts(this.eventStore);
    for (const source of this.sources) {
      const status = await statusOf(this.eventStore, this.readModels, source.projection, counts);
      const ahead = await isOfAnotherLog(this.eventStore, status);
      if (ahead) await this.readModels.forget(source.projection);
      const seen = ahead ? 0 : (status.checkpoint?.eventsSeen ?? 0);
      const farBehind = status.lagEvents > Math.max(BEHIND_EVENTS_MAX, seen);
      (ahead || farBehind || status.condition === 'stale' ? outdated : ready).push(source);
    }
    return { ready, outdated };
  }

  private chosen(only: readonly string[] | undefined): readonly ProjectionSource[] {
    return this.sources.filter(({ projection }) => only?.includes(projection.name) ?? true);
  }

  private stores(): { readonly eventStore: EventStore; readonly readModels: ReadModels } {
    return { eventStore: this.eventStore, readModels: this.readModels };
  }

  private supervise<Result>(
    signal: AbortSignal | undefined,
    task: (progressed: () => void) => Promise<Result>,
  ): Promise<Result> {
    const { wait = waitForReal, onFault = () => {} } = this.options;
    return supervised({ signal, wait, onFault }, task);
  }
}
