import { projections } from '../contexts/contract.js';
import { ledgerCheck } from '../contexts/index.js';
import type { EventStore } from '#event-store/port';
import type { Measured, Metrics, Readiness } from '#http';
import type { Sequencer } from '#ledger';
import type { ReadModels } from '#read-models/port';
import type { Ending, Supervisor } from '../process/index.js';

export type Watched = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projector: Pick<Supervisor, 'state'>;
  readonly ending: Pick<Ending, 'begunBy'>;
  readonly ledger?: Pick<Sequencer, 'state'>;
};

type ProjectionProgress = {
  readonly projection: string;
  readonly condition: string;
  /** Events of the log that the read model has not passed yet. */
  readonly lag: number;
  readonly eventsMissing: number;
};

/** How far each read model is behind the log. @throws StoreUnavailable, ReadModelsUnavailable */
export async function progressOf({
  eventStore,
  readModels,
}: Pick<Watched, 'eventStore' | 'readModels'>) {
  const head = await eventStore.head();
  const stored = head === undefined ? 0 : await eventStore.countUpTo(head);
  return await Promise.all(
    projections.map(async ({ projection }): Promise<ProjectionProgress> => {
      const { condition, checkpoint } = await readModels.progress(projection);
      const { eventsSeen = 0, eventsMissing = 0 } = checkpoint ?? {};
      const lag = Math.max(0, stored - eventsSeen);
      return { projection: projection.name, condition, lag, eventsMissing };
    }),
  );
}

/**
 * Ready when the stores answer and the projector runs and is not stuck at a fault. A lag alone does not make a server unready:
 * states come from the log, and lists say how fresh they are.
 */
export async function readinessOf(watched: Watched): Promise<Readiness> {
  const { state } = watched.projector;
  const { begunBy } = watched.ending;
  if (begunBy !== undefined) {
    return { ready: false, checks: { process: { ok: false, code: begunBy } } };
  }
  try {
    const progress = await progressOf(watched);
    const stores = { ok: true };
    const stuck = state.waiting && progress.some(({ lag }) => lag > 0);
    const ok = state.running && !stuck;
    const ledger = watched.ledger && ledgerCheck(watched.ledger);
    const projector = { ok, ...state, projections: progress };
    return { ready: ok, checks: { stores, projector, ...(ledger ? { ledger } : {}) } };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
    return { ready: false, checks: { stores: { ok: false, code }, projector: { ...state } } };
  }
}

/** Adds what the read models are worth to the numbers of the process. */
export function measureProgress(metrics: Metrics, watched: Watched): void {
  const each = (value: (progress: ProjectionProgress) => number) => async (): Promise<Measured> =>
    (await progressOf(watched)).map((one) => ({
      labels: { projection: one.projection },
      value: value(one),
    }));
  metrics.gauge(
    'redress_projection_lag_events',
    'Events of the log that the read model has not passed yet.',
    each(({ lag }) => lag),
  );
  metrics.gauge(
    'redress_events_missing',
    'Events that a read model should have seen by their revisions, but has not. 0, or a bug.',
    each(({ eventsMissing }) => eventsMissing),
  );
  metrics.gauge(
    'redress_projector_restarts',
    'How often the projector broke and was started again.',
    () => Promise.resolve([{ labels: {}, value: watched.projector.state.restarts }]),
  );
}
