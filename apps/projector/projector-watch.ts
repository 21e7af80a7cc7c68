import type { Measured, Metrics, Readiness } from '#http';
import type { SharedProjectorStatus } from '#read-models/projector';
import type { Stores } from '#wiring';
import type { Ending, ServerWatch, Supervisor } from '../process/index.js';

export type WatchedProjector = {
  /** Undefined as long as there is none. @throws as the stores do. */
  readonly status: () => Promise<SharedProjectorStatus> | undefined;
  readonly supervisor: Pick<Supervisor, 'state'>;
  readonly servers: Pick<ServerWatch, 'states'>;
  readonly ending: Pick<Ending, 'begunBy'>;
};

/** One look at the stores answers whoever asks within this time, as the gauges of one scrape do. */
const STATUS_FRESH_MS = 500;

/** What a projector tells those who run it. */
export class ProjectorWatch {
  #status: Promise<SharedProjectorStatus | undefined> = Promise.resolve(undefined);
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Events passed by all read models together, when they were last seen to have moved. */
  #passed = -1;
  #passedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly watched: WatchedProjector) {}

  get restarts(): number {
    return this.watched.supervisor.state.restarts;
  }

  /**
   * Ready when the servers answer and the projector runs and is not stuck at a fault. It may hold no
   * partition: there may be more projectors than partitions, and it stands ready for one that dies.
   */
  async readiness(): Promise<Readiness> {
    const { servers, supervisor, ending } = this.watched;
    const checks = await servers.states();
    if (ending.begunBy !== undefined) {
      const process = { ok: false, code: ending.begunBy };
      return { ready: false, checks: { ...checks, process } };
    }
    const { state } = supervisor;
    const reachable = Object.values(checks).every(({ ok }) => ok);
    const status = await this.status();
    const lags = (status?.lagEvents ?? 1) > 0;
    const ok = reachable && state.running && !(state.waiting && lags && !this.hasMoved());
    return { ready: ok, checks: { ...checks, projector: { ok, ...state, ...toldOf(status) } } };
  }

  /** Undefined when the stores cannot be asked; readiness says why. */
  async status(): Promise<SharedProjectorStatus | undefined> {
    const nowMs = performance.now();
    if (nowMs - this.#askedAtMs > STATUS_FRESH_MS) {
      this.#askedAtMs = nowMs;
      this.#status = this.ask();
    }
    return this.#status;
  }

  private async ask(): Promise<SharedProjectorStatus | undefined> {
    const states = await this.watched.servers.states();
    // A server that is away would be waited for as long as a read may take.
    if (Object.values(states).some(({ ok }) => !ok)) return undefined;
    const status = await this.watched.status()?.catch(() => undefined);
    if (!status) return undefined;
    const passed = status.projections.reduce(
      (sum, { checkpoint }) => sum + (checkpoint?.eventsSeen ?? 0),
      0,
    );
    if (passed !== this.#passed) this.#passedAtMs = performance.now();
    this.#passed = passed;
    return status;
  }

  /** The read models have moved since the time that a fault may be of: it is not stuck at that one. */
  private hasMoved(): boolean {
    return performance.now() - this.#passedAtMs < MOVED_WITHIN_MS;
  }
}

/** Who is stuck moves nothing for as long as this. */
const MOVED_WITHIN_MS = 2_000;

function toldOf(status: SharedProjectorStatus | undefined): object {
  if (!status) return {};
  const { partitions, members, standsAside, rebuilding, projections } = status;
  return {
    partitions,
    members,
    standsAside,
    rebuilding,
    projections: projections.map(({ projection, condition, lagEvents, eventsMissing }) => ({
      projection,
      condition,
      lag: lagEvents,
      eventsMissing,
    })),
  };
}

/** Adds shares, lags and what was taken over to the numbers of the process. */
export function measureProjector(
  metrics: Metrics,
  watch: ProjectorWatch,
  { resubscriptions }: Pick<Stores, 'resubscriptions'>,
): void {
  measureReadModels(metrics, watch);
  const ofStatus = (name: string, help: string, value: (of: SharedProjectorStatus) => number) =>
    metrics.gauge(name, help, async () => {
      const status = await watch.status();
      return status ? one(value(status)) : [];
    });
  ofStatus(
    'redress_partitions_held',
    'Partitions whose streams this process folds.',
    ({ partitions }) => partitions.length,
  );
  ofStatus(
    'redress_projector_members',
    'Projectors that are alive, this one included.',
    ({ members }) => members,
  );
  ofStatus(
    'redress_partition_takeovers',
    'Partitions taken over from projectors that were dead.',
    ({ takeovers }) => takeovers,
  );
  ofStatus(
    'redress_shares_lost',
    'How often a share was not its own any longer.',
    ({ sharesLost }) => sharesLost,
  );
  metrics.gauge(
    'redress_projector_restarts',
    'How often the projector broke and was started again.',
    () => Promise.resolve(one(watch.restarts)),
  );
  metrics.gauge(
    'redress_log_resubscriptions',
    'How often following the log was broken off by the server, and taken up again.',
    () => Promise.resolve(resubscriptions ? one(resubscriptions()) : []),
  );
}

function measureReadModels(metrics: Metrics, watch: ProjectorWatch): void {
  const each =
    (value: (projection: SharedProjectorStatus['projections'][number]) => number) =>
    async (): Promise<Measured> => {
      const status = await watch.status();
      return (status?.projections ?? []).map((projection) => ({
        labels: { projection: projection.projection },
        value: value(projection),
      }));
    };
  metrics.gauge(
    'redress_projection_lag_events',
    'Events of the log that the read model has not passed yet; 10,000 stands for that and more.',
    each(({ lagEvents }) => lagEvents),
  );
  metrics.gauge(
    'redress_events_missing',
    'Events that a read model should have seen by their revisions, but has not. 0, or a bug.',
    each(({ eventsMissing }) => eventsMissing),
  );
}

function one(value: number): Measured {
  return [{ labels: {}, value }];
}
