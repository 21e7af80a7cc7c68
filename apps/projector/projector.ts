import { Metrics, type WriteText } from '#http';
import { InvariantBroken } from '#kernel';
import { SharedProjector, type SharedProjectorStatus } from '#read-models/projector';
import { ConfigurationInvalid, openStores, type Configuration, type Stores } from '#wiring';
import { projections } from '../contexts/contract.js';
import {
  Closing,
  Ending,
  FaultLog,
  measureServers,
  serveProbes,
  serversFor,
  ServerWatch,
  Supervisor,
  toStandardError,
  type Running,
  type Supervised,
} from '../process/index.js';
import { measureProjector, ProjectorWatch } from './projector-watch.js';

export type ProjectorOptions = {
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
  /** Stores to project between, instead of those of the configuration; closed with the process. */
  readonly stores?: Stores;
};

/**
 * A projector alone: takes its share of the streams beside others like it, and the share of one
 * that dies. Resolves when probes are answered, whether or not the servers are there.
 *
 * @throws ConfigurationInvalid; ListenFailed. Nothing is left open then.
 */
export async function startProjector(
  configuration: Configuration,
  options: ProjectorOptions = {},
): Promise<Running> {
  const { writeLog = toStandardError, exit = (status) => process.exit(status) } = options;
  serversFor('projector', configuration);
  const closing = new Closing();
  try {
    const stores = options.stores ?? (await openStores(configuration, 'project'));
    closing.add(() => stores.close());
    const ending = new Ending(() => closing.close(), exit);
    const faults = new FaultLog(writeLog, 'projector');
    const running = projectorsOn(stores);
    const supervisor = new Supervisor(running.run, (error) => {
      faults.tell(error);
      if (error instanceof InvariantBroken) ending.begin(error);
    });
    closing.add(() => supervisor.stop());
    const servers = new ServerWatch(stores.probes, writeLog);
    closing.add(() => servers.stop());
    const watch = new ProjectorWatch({ status: running.status, supervisor, servers, ending });
    const metrics = new Metrics();
    measureServers(metrics, servers);
    measureProjector(metrics, watch, stores);
    const readiness = () => watch.readiness();
    const served = await serveProbes(configuration, { readiness, metrics });
    closing.add(() => served.close());
    servers.start();
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

type Projectors = {
  readonly run: Supervised;
  readonly status: () => Promise<SharedProjectorStatus> | undefined;
};

/** One projector after the other: each that is started anew is another member to those beside it. */
function projectorsOn({ eventStore, shared }: Stores): Projectors {
  let current: SharedProjector | undefined;
  if (!shared) throw new ConfigurationInvalid('REDRESS_STORES', 'several projectors need servers');
  const run: Supervised = (signal, onFault) => {
    current = new SharedProjector({ eventStore, readModels: shared, projections, onFault });
    return current.run(signal);
  };
  return { run, status: () => current?.status() };
}
