import { AppendUnknown, type EventStore } from '#event-store/port';
import { Metrics, type WriteText } from '#http';
import { InvariantBroken, type Clock, type Randomness } from '#kernel';
import type { ReadModels } from '#read-models/port';
import { Projector } from '#read-models/projector';
import { ConfigurationInvalid, openStores, type Configuration } from '#wiring';
import {
  CONTEXT_PROBLEMS,
  contextModules,
  ledgerModule,
  measureLedger,
  measureNotices,
  projections,
  receiptLinksOf,
  runLedger,
  runNotices,
  servedLedger,
  type RunningLedger,
} from '../contexts/index.js';
import {
  accessOf,
  Closing,
  Ending,
  FaultLog,
  serveHttp,
  Supervisor,
  toStandardError,
  VERSION,
  writeFault,
  type Running,
} from '../process/index.js';
import { measureProgress, readinessOf } from './progress.js';
import { projectInThread } from './projection-thread.js';

/** `worker`: in a thread of its own, as in a built program. `same-thread`: where sources run uncompiled. */
export type ProjectorPlace = 'worker' | 'same-thread';

export type StandaloneOptions = {
  readonly projector: ProjectorPlace;
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** Where requests are told; silent unless said. */
  readonly writeAccessLog?: WriteText;
  readonly positionWaitMs?: number;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
  /** Stores to serve from, instead of those of the configuration; closed by whoever made them. */
  readonly stores?: ServedStores;
};

export type ServedStores = {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

/** The address, and `close`: stops accepting, finishes what is under way, closes the stores. */
export type Standalone = Running;

/**
 * Opens the stores and serves: API, projector and notices in one process. Resolves when requests are
 * answered; read models may still be catching up.
 *
 * @throws what {@link openStores} throws; ConfigurationInvalid when stores are servers;
 * TokensInvalid; ListenFailed. Nothing is left open then.
 */
export async function startStandalone(
  configuration: Configuration,
  options: StandaloneOptions,
): Promise<Standalone> {
  refuseServers(configuration);
  const access = accessOf(configuration);
  const writeLog = options.writeLog ?? toStandardError;
  const closing = new Closing();
  try {
    const stores = options.stores ?? (await opened(configuration, options, closing));
    const projector = superviseProjector(configuration, options, stores);
    closing.add(() => projector.stop());
    const exit = options.exit ?? ((status) => process.exit(status));
    const ending = new Ending(() => closing.close(), exit);
    const faults = new FaultLog(writeLog, 'notices');
    const notices = await runNotices(configuration, stores, (error) => {
      faults.tell(error);
      if (error instanceof AppendUnknown || error instanceof InvariantBroken) ending.begin(error);
    });
    if (notices) closing.add(() => notices.stop());
    const ledger = await startLedger(configuration, stores, { writeLog, ending });
    if (ledger) closing.add(() => ledger.stop());
    const watched = { ...stores, projector, ending, ...(ledger ? { ledger } : {}) };
    const metrics = new Metrics();
    measureProgress(metrics, watched);
    if (notices) measureNotices(metrics, notices);
    if (ledger) measureLedger(metrics, ledger);
    const served = await serveHttp({
      configuration,
      access,
      modules: [
        ...contextModules({ ...stores, receiptOf: receiptLinksOf(configuration) }),
        ledgerModule(
          await servedLedger({
            configuration,
            eventStore: stores.eventStore,
            running: ledger,
            version: VERSION,
          }),
        ),
      ],
      problems: CONTEXT_PROBLEMS,
      metrics,
      readiness: () => readinessOf(watched),
      onBroken: (error) => ending.begin(error),
      writeLog,
      writeAccessLog: options.writeAccessLog,
      positionWaitMs: options.positionWaitMs,
    });
    closing.add(() => served.close());
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** Servers are for many processes; one that did everything would be none of them well. */
function refuseServers({ servers }: Configuration): void {
  if (!servers) return;
  throw new ConfigurationInvalid(
    'REDRESS_STORES',
    'is "servers": start dist/apps/api/main.js, dist/apps/projector/main.js and ' +
      'dist/apps/worker/main.js, as many of each as are needed; this one serves embedded stores',
  );
}

async function opened(
  configuration: Configuration,
  { projector }: StandaloneOptions,
  closing: Closing,
): Promise<ServedStores> {
  const stores = await openStores(configuration, projector === 'worker' ? 'append' : 'write');
  closing.add(() => stores.close());
  return stores;
}

/** Follows the log and signs it; a refusal is told and shown, and complaints go on. */
async function startLedger(
  configuration: Configuration,
  stores: ServedStores,
  { writeLog, ending }: { readonly writeLog: WriteText; readonly ending: Ending },
): Promise<RunningLedger | undefined> {
  const faults = new FaultLog(writeLog, 'ledger');
  return await runLedger(configuration, stores, (error) => {
    faults.tell(error);
    if (error instanceof AppendUnknown || error instanceof InvariantBroken) ending.begin(error);
  });
}

function superviseProjector(
  configuration: Configuration,
  { projector, writeLog = toStandardError }: StandaloneOptions,
  { eventStore, readModels }: ServedStores,
): Supervisor {
  const run =
    projector === 'worker'
      ? projectInThread(configuration)
      : async (signal: AbortSignal, onFault: (error: Error) => void) =>
          await new Projector({ eventStore, readModels, projections, onFault }).run(signal);
  return new Supervisor(run, (error) => writeFault(writeLog, 'projector', error));
}
