import { Metrics, type Readiness, type WriteText } from '#http';
import { InvariantBroken } from '#kernel';
import { openStores, serverAddress, type Configuration, type Probe, type Servers } from '#wiring';
import { measureNotices, runNotices, type RunningNotices } from '../contexts/index.js';
import {
  Closing,
  Ending,
  FaultLog,
  measureServers,
  serveProbes,
  serversFor,
  ServerWatch,
  toStandardError,
  writeLine,
  type Running,
} from '../process/index.js';

export type WorkerOptions = {
  /** Where faults are told; standard error unless said. */
  readonly writeLog?: WriteText;
  /** What ends the process when it cannot go on, with a status; `process.exit` unless said. */
  readonly exit?: (status: number) => void;
};

/** Without these a worker can do nothing; without MongoDB it still raises what is to be sent. */
const NEEDED: readonly Probe['name'][] = ['eventstore', 'redis'];

/**
 * What follows the log into the world outside: notices are raised and delivered. As many workers
 * beside each other as are needed; of two that try the same notice, the log lets one.
 *
 * @throws ConfigurationInvalid; EvictionPolicyRefused when Redis may forget what it was given;
 * ListenFailed. Nothing is left open then. Servers that are not there are waited for.
 */
export async function startWorker(
  configuration: Configuration,
  { writeLog = toStandardError, exit = (status) => process.exit(status) }: WorkerOptions = {},
): Promise<Running> {
  const servers = serversFor('worker', configuration);
  const closing = new Closing();
  try {
    const stores = await openStores(configuration, 'append');
    closing.add(() => stores.close());
    const ending = new Ending(() => closing.close(), exit);
    const faults = new FaultLog(writeLog, 'notices');
    const notices = await runNotices(configuration, stores, (error) => {
      faults.tell(error);
      if (error instanceof InvariantBroken) ending.begin(error);
    });
    if (notices) closing.add(() => notices.stop());
    else writeLine(writeLog, { level: 'info', what: 'notices', off: true });
    const probes = [...stores.probes, ...(await probesOf(servers, notices))];
    const watch = new ServerWatch(probes, writeLog);
    closing.add(() => watch.stop());
    const metrics = new Metrics();
    measureServers(metrics, watch);
    if (notices) measureNotices(metrics, notices);
    const readiness = () => readinessOf(watch, notices);
    const served = await serveProbes(configuration, { readiness, metrics });
    closing.add(() => served.close());
    watch.start();
    return { address: served.address, close: () => closing.close() };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function probesOf(
  { redisUrl }: Servers,
  notices: RunningNotices | undefined,
): Promise<readonly Probe[]> {
  if (!notices || redisUrl === undefined) return [];
  // Only who asks for Redis loads its driver, as is done by now where there are notices.
  const { isSignInRefused } = await import('#notices/bullmq');
  const signIn = { variable: 'REDIS_URL', isRefused: isSignInRefused } as const;
  const address = serverAddress(redisUrl);
  return [{ name: 'redis', address, signIn, ping: () => notices.check() }];
}

/** Ready when it can work; a mail server that is away is told of, and waited for. */
async function readinessOf(
  watch: Pick<ServerWatch, 'states'>,
  notices: RunningNotices | undefined,
): Promise<Readiness> {
  const checks = await watch.states();
  const ready = NEEDED.every((name) => checks[name]?.ok ?? true);
  return { ready, checks: notices ? { ...checks, notices: notices.state } : checks };
}
