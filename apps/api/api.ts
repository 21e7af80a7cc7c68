import { AppendUnknown } from '#event-store/port';
import { Metrics, type Readiness, type WriteText } from '#http';
import { openStores, type Configuration, type Stores } from '#wiring';
import { CONTEXT_PROBLEMS, contextModules, receiptLinksOf } from '../contexts/index.js';
import {
  accessOf,
  Closing,
  Ending,
  measureServers,
  serveHttp,
  serversFor,
  ServerWatch,
  toStandardError,
  type Running,
} from '../process/index.js';

export type ApiOptions = {
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** Where requests are told; silent unless said. */
  readonly writeAccessLog?: WriteText;
  readonly positionWaitMs?: number;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
  /** Stores to serve from, instead of those of the configuration; closed with the process. */
  readonly stores?: Stores;
};

/**
 * The API alone, on servers; as many beside each other as are needed, for none keeps anything that
 * another must know. The ledger is shown by the sequencer; its key is never read here. Resolves when
 * requests are answered, whether or not the servers are there.
 *
 * @throws ConfigurationInvalid; TokensInvalid; ListenFailed. Nothing is left open then.
 */
export async function startApi(
  configuration: Configuration,
  options: ApiOptions = {},
): Promise<Running> {
  serversFor('api', configuration);
  const access = accessOf(configuration);
  const writeLog = options.writeLog ?? toStandardError;
  const closing = new Closing();
  try {
    const stores = options.stores ?? (await openStores(configuration, 'append'));
    closing.add(() => stores.close());
    const watch = new ServerWatch(stores.probes, writeLog);
    closing.add(() => watch.stop());
    const exit = options.exit ?? ((status) => process.exit(status));
    const ending = new Ending(() => closing.close(), exit);
    const metrics = new Metrics();
    measureServers(metrics, watch);
    const served = await serveHttp({
      configuration,
      access,
      modules: contextModules({ ...stores, receiptOf: receiptLinksOf(configuration) }),
      problems: CONTEXT_PROBLEMS,
      metrics,
      readiness: () => readinessOf(watch, ending),
      onBroken: (error) => {
        // The other side's answer was lost, not ours: the caller asks again with the same key, and
        // a new process would know no more than this one.
        if (!(error instanceof AppendUnknown)) ending.begin(error);
      },
      writeLog,
      writeAccessLog: options.writeAccessLog,
      positionWaitMs: options.positionWaitMs,
    });
    closing.add(() => served.close());
    watch.start();
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** Ready when every server that it needs answers; how far projectors are is theirs to say. */
async function readinessOf(
  watch: Pick<ServerWatch, 'states'>,
  { begunBy }: Pick<Ending, 'begunBy'>,
): Promise<Readiness> {
  const checks = await watch.states();
  const ready = begunBy === undefined && Object.values(checks).every(({ ok }) => ok);
  if (begunBy === undefined) return { ready, checks };
  return { ready, checks: { ...checks, process: { ok: false, code: begunBy } } };
}
