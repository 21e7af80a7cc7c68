import { startNotices, type Notices, type NoticesState } from '#correspondence';
import type { Metrics } from '#http';
import type { NoticeQueue } from '#notices/port';
import { ReadModelsUnavailable } from '#read-models/port';
import { openNotices, type Configuration } from '#wiring';
import type { ContextOptions } from './context-modules.js';
import { receiptLinksOf } from './served-ledger.js';

export type RunningNotices = Notices & {
  /** Asks the queue's server whether it can be relied on. */
  readonly check: NoticeQueue['check'];
};

/**
 * Raises and delivers notices as the configuration says; undefined when they are off.
 * @throws what {@link openNotices} throws; nothing is left open then.
 */
export async function runNotices(
  configuration: Configuration,
  stores: ContextOptions,
  onFault: (error: unknown) => void,
): Promise<RunningNotices | undefined> {
  const parts = await openNotices(configuration, { onFault });
  if (!parts) return undefined;
  const { eventStore, readModels, clock, randomness } = stores;
  const notices = startNotices({
    eventStore,
    readModels,
    clock,
    randomness,
    ...parts,
    // A letter leaves the house: without the house's address a link in it would lead nowhere.
    receiptOf: configuration.publicUrl === undefined ? undefined : receiptLinksOf(configuration),
    onFault: (error) => {
      // As long as a read model is made, at the first start of all, waiting for it is no fault.
      if (!isBeingBuilt(error)) onFault(error);
    },
  });
  return {
    get state() {
      return notices.state;
    },
    stop: () => notices.stop(),
    check: () => parts.queue.check(),
  };
}

function isBeingBuilt(error: unknown): boolean {
  return error instanceof ReadModelsUnavailable && error.code === 'read-models.rebuilding';
}

const GAUGES = [
  ['raised', 'Notices that this process has raised.'],
  ['sent', 'Notices that this process has sent.'],
  ['deferred', 'Deliveries that this process has put off.'],
  ['failed', 'Notices that this process has given up.'],
  ['due', 'Notices to be sent now, as last seen.'],
] as const satisfies readonly (readonly [keyof NoticesState, string])[];

/** Adds what becomes of notices to the numbers of the process. */
export function measureNotices(metrics: Metrics, notices: Pick<Notices, 'state'>): void {
  for (const [member, help] of GAUGES) {
    metrics.gauge(`redress_notices_${member}`, help, () =>
      Promise.resolve([{ labels: {}, value: notices.state[member] }]),
    );
  }
}
