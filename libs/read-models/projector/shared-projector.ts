import { randomUUID } from 'node:crypto';
import type { Position } from '#kernel';
import type { EventStore } from '#event-store/port';
import {
  ReadModelsUnavailable,
  ShareLost,
  type Share,
  type SharedReadModels,
} from '#read-models/port';
import { compareAll } from './compare.js';
import { LeaseKeeper, type MonotonicClock } from './lease-keeper.js';
import type { Compared, CompareOptions, Rebuilt, RebuildOptions } from './options.js';
import { isOfAnotherLog, type ProjectionStatus } from './projection-status.js';
import type { ProjectionSource } from './projection-source.js';
import { rebuildAll } from './rebuild.js';
import { followShare } from './shared-following.js';
import { sharedStatusOf, Surveyor, type Survey } from './shared-survey.js';
import { mayPass, supervised, waitForReal, type Wait } from './supervision.js';

/** Leases are tended so often, well within the time after which they count as dead. */
export const TEND_EVERY_MS = 1_000;
/**
 * After a fault so many times as often: an attempt may have waited its whole time for an answer that
 * was lost with a connection, and what is not renewed in time is stopped, and taken over.
 */
const SOONER_AFTER_FAULT = 4;
/** Read models are looked at so often while all is well, and while one waits to be built. */
const SURVEY_EVERY_MS = 10_000;
const SURVEY_AGAIN_MS = 1_000;
/** Events stored at once. */
const PAGE_SIZE_DEFAULT = 2_000;

export type SharedProjectorOptions = {
  readonly eventStore: EventStore;
  readonly readModels: SharedReadModels;
  readonly projections: readonly ProjectionSource[];
  /** Id of this process, another one at each start; random unless told. */
  readonly me?: string;
  readonly pageSize?: number;
  /** {@link TEND_EVERY_MS} unless told; shorter where a test's clock is faster than time. */
  readonly tendEveryMs?: number;
  /** Told of each fault of a store that the projector waits out. */
  readonly onFault?: (error: Error) => void;
  readonly clock?: MonotonicClock;
  /** For tests: waits between attempts. */
  readonly wait?: Wait;
};

export type SharedProjectorStatus = {
  readonly head: Position | undefined;
  /** Partitions whose streams this process folds now, ascending. */
  readonly partitions: readonly number[];
  /** Living processes that tend leases, this one included. */
  readonly members: number;
  /** Partitions taken over from dead processes since the start. */
  readonly takeovers: number;
  /** Times that this process had to begin anew because a share was not its own any longer. */
  readonly sharesLost: number;
  /** Read models that this process builds anew just now. */
  readonly rebuilding: readonly string[];
  /** True while this program leaves the work to a later one: read models are of that one's version. */
  readonly standsAside: boolean;
  /** Largest of the projections' lags over all partitions; 10,000 stands for that and more. */
  readonly lagEvents: number;
  readonly eventsMissing: number;
  readonly projections: readonly ProjectionStatus[];
};

/** What is being followed: changed as a whole. */
type Round = {
  readonly share: Share;
  readonly ending: AbortController;
  /** Undefined until the read models have been looked at. */
  names: string | undefined;
  /** Others are ready by now. */
  isOutdated: boolean;
};

/**
 * One of several projectors that share the streams by partitions. Follows with what its leases
 * give it; begins again at the earliest checkpoint whenever they change.
 *
 * A read model is built anew by whoever holds the lease `rebuild-<projection>`; the others follow
 * the rest meanwhile. The switch is safe without stopping anybody: it refuses to go back in any
 * partition, and whoever wrote to the one before is told ShareLost by the next store (of the same
 * version) or `read-models.rebuilding` (of an earlier one), and begins anew.
 *
 * Programs of two versions may run side by side, as they do while a release is rolled out. The
 * earlier one may: follow its version for as long as it stands, and every read model that both
 * have alike. It may not: write to a read model of a later version (the adapter refuses it, row by
 * row where it must), nor rebuild one back while a later program lives. It gives its partitions to
 * the later one instead. Without a living later program it is a release taken back, and rebuilds.
 */
export class SharedProjector {
  private readonly keeper: LeaseKeeper;
  private readonly surveyor: Surveyor;
  private readonly wait: Wait;
  private round: Round | undefined;
  private rebuilding: ReadonlyMap<string, AbortController> = new Map();
  private lost = 0;

  constructor(private readonly options: SharedProjectorOptions) {
    const { me = randomUUID(), readModels, projections } = options;
    const { clock = () => performance.now() } = options;
    // Versions only rise from release to release, so their sum tells the later program.
    const generation = projections.reduce((sum, { projection }) => sum + projection.version, 0);
    this.surveyor = new Surveyor(options);
    this.keeper = new LeaseKeeper({ me, table: readModels.leases, clock, generation });
    this.wait = options.wait ?? waitForReal;
  }

  /**
   * Follows the log until the signal aborts, gives the leases back, then resolves. Waits out passing
   * faults of the stores.
   * @throws ProjectionStopped naming an event that cannot be decoded or folded; never skips it.
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.whileTending(signal, async (either, end) => {
      const following = this.supervise(either, (progressed) => this.follow(either, progressed));
      const watching = this.supervise(either, (progressed) => this.watch(either, progressed));
      // Both have come to rest before leases are given back and stores are closed.
      const both = [following.finally(end), watching.finally(end)];
      await Promise.allSettled(both);
      await Promise.all(both);
    });
  }

  /**
   * Builds read models anew beside the living processes, whose work goes on. Takes no partitions.
   * @throws ReadModelsUnavailable `read-models.rebuilding` when another process builds one of them.
   */
  async rebuild(options: RebuildOptions = {}): Promise<Rebuilt> {
    const { only, signal = new AbortController().signal } = options;
    const chosen = this.options.projections.filter(
      ({ projection }) => only?.includes(projection.name) ?? true,
    );
    this.keeper.want('none');
    let rebuilt: Rebuilt | undefined;
    await this.whileTending(signal, async (either) => {
      rebuilt = await this.underLeases(chosen, (sources, lost) =>
        sources.length < chosen.length
          ? Promise.reject(taken())
          : this.build(sources, { ...options, signal: AbortSignal.any([either, lost]) }),
      );
    });
    this.keeper.want('some');
    signal.throwIfAborted();
    return rebuilt ?? Promise.reject(taken());
  }

  /** Folds the log again, apart, and holds the live read models against it. Changes nothing. */
  async compare(options: CompareOptions = {}): Promise<Compared> {
    const { projections } = this.options;
    const chosen = projections.filter(
      ({ projection }) => options.only?.includes(projection.name) ?? true,
    );
    return compareAll(this.options, chosen, options);
  }

  /** Reads a little of the log where a read model lags, never all of it. */
  async status(): Promise<SharedProjectorStatus> {
    const head = await this.options.eventStore.head();
    const projections = await sharedStatusOf(this.options, this.options.projections);
    return {
      head,
      partitions: [...this.keeper.share().keys()].toSorted((a, b) => a - b),
      members: this.keeper.members,
      takeovers: this.keeper.takeovers,
      sharesLost: this.lost,
      rebuilding: [...this.rebuilding.keys()],
      standsAside: this.keeper.standsAside,
      lagEvents: Math.max(0, ...projections.map(({ lagEvents }) => lagEvents)),
      eventsMissing: Math.max(0, ...projections.map(({ eventsMissing }) => eventsMissing)),
      projections,
    };
  }

  /** Tends the leases while the task runs; the end of one is the end of the other. */
  private async whileTending(
    signal: AbortSignal,
    task: (either: AbortSignal, end: () => void) => Promise<void>,
  ): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    const either = AbortSignal.any([signal, ending.signal]);
    const tending = this.tendUntil(either);
    const tended = tending.all.finally(end);
    try {
      // Nothing is known of others, and so nothing decided, before the first look at the table.
      if (await tending.first) await task(either, end);
    } catch (error) {
      if (error !== either.reason) throw error;
    } finally {
      end();
      await tended;
      // Where it cannot be told, the others notice by themselves within the leases' time.
      await this.keeper.leave().catch((error: unknown) => this.tellFault(error));
    }
  }

  private tendUntil(signal: AbortSignal): {
    /** True once the table was looked at; false when the signal came first. */
    readonly first: Promise<boolean>;
    readonly all: Promise<void>;
  } {
    const { tendEveryMs = TEND_EVERY_MS } = this.options;
    let looked: (once: boolean) => void = () => {};
    const first = new Promise<boolean>((resolve) => {
      looked = resolve;
    });
    const all = async () => {
      while (!signal.aborted) {
        let restMs = tendEveryMs / SOONER_AFTER_FAULT;
        const tended = this.keeper.tend().then(
          () => {
            looked(true);
            restMs = tendEveryMs;
          },
          (error: unknown) => this.tellFault(error),
        );
        await this.noticeUntil(tended, signal);
        await this.wait(restMs, signal);
      }
    };
    return { first, all: all().finally(() => looked(false)) };
  }

  /** A table that does not answer must not keep this process from noticing that it is late. */
  private async noticeUntil(tended: Promise<void>, signal: AbortSignal): Promise<void> {
    const { tendEveryMs = TEND_EVERY_MS } = this.options;
    // Not AbortSignal.any, of which each call leaves something with a signal that lives for days.
    const done = new AbortController();
    const end = () => done.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    const noticing = async () => {
      while (!done.signal.aborted) {
        await this.wait(tendEveryMs, done.signal);
        this.notice();
      }
    };
    try {
      await Promise.race([tended.finally(end), noticing()]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /** Ends what the leases allow no longer. */
  private notice(): void {
    for (const [name, ending] of this.rebuilding) {
      if (!this.keeper.holds(leaseOf(name))) ending.abort(new ShareLost(leaseOf(name)));
    }
    if (this.round && !isSame(this.round.share, this.keeper.share())) this.round.ending.abort();
  }

  private async follow(signal: AbortSignal, progressed: () => void): Promise<void> {
    const { eventStore, readModels, projections, pageSize = PAGE_SIZE_DEFAULT } = this.options;
    const { keeper, wait } = this;
    // Looked at again after each fault. Who merely holds others than before goes on with the same.
    let ready: readonly ProjectionSource[] | undefined;
    while (!signal.aborted) {
      const share = keeper.share();
      const ending = new AbortController();
      const names = ready && namesOf(ready);
      const round: Round = { share, ending, names, isOutdated: false };
      this.round = round;
      const either = AbortSignal.any([signal, ending.signal]);
      // Who holds nothing has nothing to look at, and begins the sooner once it holds something.
      if (share.size > 0) ready ??= (await this.surveyor.survey(projections)).ready;
      const sources = share.size > 0 && ready ? ready : [];
      round.names = ready && namesOf(ready);
      if (sources.length === 0) await aborted(either);
      const stores = { eventStore, readModels };
      const following = { ...stores, keeper, sources, share, pageSize, wait, progressed };
      if (!either.aborted) await followShare(following, either);
      if (round.isOutdated) ready = undefined;
    }
  }

  private async watch(signal: AbortSignal, progressed: () => void): Promise<void> {
    while (!signal.aborted) {
      const surveyed = await this.surveyor.survey(this.options.projections);
      progressed();
      const outdated = this.toBuild(surveyed);
      const built = await this.underLeases(outdated, async (sources, lost) => {
        await this.build(sources, { signal: AbortSignal.any([signal, lost]) });
      }).then((rebuilt) => rebuilt !== undefined);
      const isKnown = this.holdRoundAgainst(surveyed.ready);
      if (built) continue;
      const calm = isKnown && outdated.length === 0 && surveyed.later.length === 0;
      await this.wait(calm ? SURVEY_EVERY_MS : SURVEY_AGAIN_MS, signal);
    }
  }

  /**
   * Ends a round that follows other read models than are ready. False while it has not looked at them
   * yet: then it does so by itself, and to begin again would double the time that nothing is followed.
   */
  private holdRoundAgainst(ready: readonly ProjectionSource[]): boolean {
    const { round } = this;
    if (!round) return true;
    if (round.names === undefined) return round.share.size === 0;
    if (round.names === namesOf(ready)) return true;
    round.isOutdated = true;
    round.ending.abort();
    return true;
  }

  /** What this program may build anew, and whether it is its turn to stand aside. */
  private toBuild({ outdated, later }: Survey): readonly ProjectionSource[] {
    const { newerLives } = this.keeper;
    this.keeper.want(later.length > 0 && newerLives ? 'none' : 'some');
    return newerLives ? outdated : [...outdated, ...later];
  }

  /** Runs a task with those whose lease it gets; undefined when it gets none. */
  private async underLeases<Result>(
    sources: readonly ProjectionSource[],
    task: (claimed: readonly ProjectionSource[], lost: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    const claimed: ProjectionSource[] = [];
    const ending = new AbortController();
    try {
      for (const source of sources) {
        if (await this.keeper.claim(leaseOf(source.projection.name))) claimed.push(source);
      }
      if (claimed.length === 0) return undefined;
      this.rebuilding = new Map(claimed.map(({ projection }) => [projection.name, ending]));
      const result = await task(claimed, ending.signal);
      return result;
    } finally {
      this.rebuilding = new Map();
      // Each gets its turn, also after one whose return was not answered.
      const ids = claimed.map(({ projection }) => leaseOf(projection.name));
      await Promise.all(ids.map((id) => this.keeper.giveBack(id)));
    }
  }

  private async build(
    sources: readonly ProjectionSource[],
    options: RebuildOptions,
  ): Promise<Rebuilt> {
    const { eventStore, readModels } = this.options;
    for (const { projection } of sources) {
      // Asked under the lease: nobody else may have built it anew since the survey.
      const progress = await readModels.progress(projection);
      if (await isOfAnotherLog(eventStore, progress)) await readModels.forget(projection);
    }
    const beforeSwitch = () => {
      const gone = sources.find(({ projection }) => !this.keeper.holds(leaseOf(projection.name)));
      if (gone) throw new ShareLost(leaseOf(gone.projection.name));
    };
    return rebuildAll({ eventStore, readModels }, sources, { ...options, beforeSwitch });
  }

  private supervise(
    signal: AbortSignal,
    task: (progressed: () => void) => Promise<void>,
  ): Promise<void> {
    const onFault = (error: Error) => this.tellFault(error);
    return supervised({ signal, wait: this.wait, onFault }, task);
  }

  /** A share that is lost is no fault, but the way of the world where there are several. */
  private tellFault(error: unknown): void {
    if (error instanceof ShareLost) this.lost += 1;
    else if (mayPass(error)) this.options.onFault?.(error);
    else throw error;
  }
}

function leaseOf(projection: string): string {
  return `rebuild-${projection}`;
}

function taken(): ReadModelsUnavailable {
  return new ReadModelsUnavailable('read-models.rebuilding', 'another process builds them anew');
}

function namesOf(sources: readonly ProjectionSource[]): string {
  return sources.map(({ projection }) => projection.name).join(' ');
}

function isSame(a: Share, b: Share): boolean {
  return a.size === b.size && [...a].every(([partition, token]) => b.get(partition) === token);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
