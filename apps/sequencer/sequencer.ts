import { Metrics, type Readiness, type WriteText } from '#http';
import { InvariantBroken } from '#kernel';
import {
  ConfigurationInvalid,
  openLog,
  SystemClock,
  SystemRandomness,
  type Configuration,
} from '#wiring';
import { ledgerCheck, measureLedger, runLedger, type RunningLedger } from '../contexts/index.js';
import {
  Closing,
  Ending,
  FaultLog,
  measureServers,
  serveProbes,
  serversFor,
  ServerWatch,
  toStandardError,
  type Running,
} from '../process/index.js';

export type SequencerProcessOptions = {
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
};

/**
 * Follows the log on servers and signs it. One does; a second one beside it stands by, and takes over
 * when the first signs no more. It needs the event store and a folder of its own, and nothing else.
 *
 * @throws ConfigurationInvalid; ListenFailed. Nothing is left open then. A server that is not there
 * is waited for.
 */
export async function startSequencerProcess(
  configuration: Configuration,
  {
    writeLog = toStandardError,
    exit = (status) => process.exit(status),
  }: SequencerProcessOptions = {},
): Promise<Running> {
  const { eventStoreUrl } = serversFor('sequencer', configuration);
  refuseLedgerOff(configuration);
  const closing = new Closing();
  try {
    const { store, probes } = await openLog({ kind: 'eventstoredb', url: eventStoreUrl }, 'source');
    closing.add(() => store.close());
    const ending = new Ending(() => closing.close(), exit);
    const faults = new FaultLog(writeLog, 'ledger');
    const stores = {
      eventStore: store,
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
    };
    const ledger = await runLedger(configuration, stores, (error) => {
      faults.tell(error);
      if (error instanceof InvariantBroken) ending.begin(error);
    });
    if (ledger) closing.add(() => ledger.stop());
    const watch = new ServerWatch(probes, writeLog);
    closing.add(() => watch.stop());
    const metrics = new Metrics();
    measureServers(metrics, watch);
    if (ledger) measureLedger(metrics, ledger);
    const readiness = () => readinessOf(watch, ledger);
    const served = await serveProbes(configuration, { readiness, metrics });
    closing.add(() => served.close());
    watch.start();
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

function refuseLedgerOff({ ledger }: Configuration): void {
  if (ledger.kind === 'on') return;
  throw new ConfigurationInvalid('REDRESS_LEDGER', 'is "off", and the sequencer does nothing else');
}

/** Ready when the event store answers and nothing keeps it from signing, or another one signs. */
async function readinessOf(
  watch: Pick<ServerWatch, 'states'>,
  ledger: RunningLedger | undefined,
): Promise<Readiness> {
  const servers = await watch.states();
  const check = ledger && ledgerCheck(ledger);
  const areThere = Object.values(servers).every(({ ok }) => ok);
  return { ready: areThere && (check?.ok ?? true), checks: { ...servers, ledger: check ?? {} } };
}
