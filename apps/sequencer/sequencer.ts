import { AppendUnknown, type EventStore } from '#event-store/port';
import { Metrics, type Readiness, type WriteText } from '#http';
import { InvariantBroken } from '#kernel';
import {
  ConfigurationInvalid,
  openLog,
  SystemClock,
  SystemRandomness,
  type Configuration,
} from '#wiring';
import {
  ledgerCheck,
  LEDGER_PROBLEMS,
  ledgerModule,
  measureLedger,
  runLedger,
  servedLedger,
  type LedgerStores,
  type RunningLedger,
} from '../contexts/index.js';
import {
  accessOf,
  Closing,
  Ending,
  FaultLog,
  measureServers,
  serveHttp,
  serversFor,
  ServerWatch,
  toStandardError,
  VERSION,
  type Running,
} from '../process/index.js';

export type SequencerProcessOptions = {
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** Where requests are told; silent unless said. */
  readonly writeAccessLog?: WriteText;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
};

/**
 * Follows the log on servers, signs it and shows what it signed: the ledger's files, proofs and packs.
 * One does; a second one beside it stands by, and takes over when the first signs no more. It needs
 * the event store and a folder of its own, and nothing else.
 *
 * @throws ConfigurationInvalid; TokensInvalid; ListenFailed. Nothing is left open then. A server that
 * is not there is waited for.
 */
export async function startSequencerProcess(
  configuration: Configuration,
  options: SequencerProcessOptions = {},
): Promise<Running> {
  const { writeLog = toStandardError, exit = (status) => process.exit(status) } = options;
  const { eventStoreUrl } = serversFor('sequencer', configuration);
  refuseLedgerOff(configuration);
  const access = accessOf(configuration);
  const closing = new Closing();
  try {
    const { store, probes } = await openLog({ kind: 'eventstoredb', url: eventStoreUrl }, 'source');
    closing.add(() => store.close());
    const ending = new Ending(() => closing.close(), exit);
    const ledger = await startLedger(configuration, store, { writeLog, ending });
    closing.add(() => ledger.stop());
    const watch = new ServerWatch(probes, writeLog);
    closing.add(() => watch.stop());
    const metrics = new Metrics();
    measureServers(metrics, watch);
    measureLedger(metrics, ledger);
    const shown = { configuration, eventStore: store, running: ledger, version: VERSION };
    const served = await serveHttp({
      configuration,
      access,
      modules: [ledgerModule(await servedLedger(shown))],
      problems: LEDGER_PROBLEMS,
      metrics,
      readiness: () => readinessOf({ watch, ending, ledger }),
      onBroken: (error) => {
        // Who answers requests appends nothing, and marks of which the answer was lost are read again.
        if (!(error instanceof AppendUnknown)) ending.begin(error);
      },
      writeLog,
      writeAccessLog: options.writeAccessLog,
    });
    closing.add(() => served.close());
    watch.start();
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function startLedger(
  configuration: Configuration,
  eventStore: EventStore,
  { writeLog, ending }: { readonly writeLog: WriteText; readonly ending: Ending },
): Promise<RunningLedger> {
  const faults = new FaultLog(writeLog, 'ledger');
  const stores: LedgerStores = {
    eventStore,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
  };
  const ledger = await runLedger(configuration, stores, (error) => {
    faults.tell(error);
    if (error instanceof InvariantBroken) ending.begin(error);
  });
  return ledger ?? refuseOff();
}

function refuseLedgerOff({ ledger }: Configuration): void {
  if (ledger.kind === 'off') refuseOff();
}

function refuseOff(): never {
  throw new ConfigurationInvalid('REDRESS_LEDGER', 'is "off", and the sequencer does nothing else');
}

type Seen = {
  readonly watch: Pick<ServerWatch, 'states'>;
  readonly ending: Pick<Ending, 'begunBy'>;
  readonly ledger: Pick<RunningLedger, 'state'>;
};

/**
 * Ready when the event store answers, and it is not another one that signs: what that one signed lies in
 * another folder than the one that is shown here. That signing is refused keeps nobody from reading what
 * was signed, and auditors want it then above all: the check and the metrics tell, loudly.
 */
async function readinessOf({ watch, ending, ledger }: Seen): Promise<Readiness> {
  const servers = await watch.states();
  const check = ledgerCheck(ledger);
  const checks = { ...servers, ledger: check };
  if (ending.begunBy !== undefined) {
    return { ready: false, checks: { ...checks, process: { ok: false, code: ending.begunBy } } };
  }
  const areThere = Object.values(servers).every(({ ok }) => ok);
  return { ready: areThere && ledger.state.phase !== 'standby', checks };
}
