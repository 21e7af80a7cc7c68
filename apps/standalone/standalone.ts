import { COMPLAINT_PROBLEMS, ComplaintsModule } from '#complaints';
import { projections } from '#complaints/contract';
import type { EventStore } from '#event-store/port';
import {
  createHttpApplication,
  DoorModule,
  Metrics,
  parseTokens,
  POSITION_WAIT_MAX_MS,
  type AccessOptions,
  type WriteText,
} from '#http';
import type { Clock, Randomness } from '#kernel';
import type { ReadModels } from '#read-models/port';
import { Projector } from '#read-models/projector';
import { openStores, type Configuration } from '#wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Ending } from './ending.js';
import { measureProgress, readinessOf } from './progress.js';
import { projectInThread } from './projection-thread.js';
import { Supervisor } from './supervisor.js';

export const VERSION = '0.1.0';

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

export type Standalone = {
  /** `http://127.0.0.1:3000` */
  readonly address: string;
  /** Stops accepting, finishes what is under way, stops the projector, closes the stores. */
  close(): Promise<void>;
};

/** Port or host cannot be listened on. The message names them. */
export class ListenFailed extends Error {
  override readonly name = 'ListenFailed';
  readonly code = 'configuration.cannot-listen';
}

@Module({})
class StandaloneModule {}

/**
 * Opens the stores and serves: API and projector in one process. Resolves when requests are
 * answered; read models may still be catching up.
 *
 * @throws what {@link openStores} throws; TokensInvalid; ListenFailed. Nothing is left open then.
 */
export async function startStandalone(
  configuration: Configuration,
  options: StandaloneOptions,
): Promise<Standalone> {
  const access = accessOf(configuration);
  const mode = options.projector === 'worker' ? 'append' : 'write';
  const opened = options.stores ? undefined : await openStores(configuration, mode);
  const stores = options.stores ?? opened;
  if (!stores) throw new Error('no stores');
  const closing: (() => Promise<void>)[] = opened ? [() => opened.close()] : [];
  const closeAll = async () => {
    for (const end of closing.toReversed()) await end();
  };
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= closeAll());
  try {
    const projector = superviseProjector(configuration, options, stores);
    closing.push(() => projector.stop());
    const ending = new Ending(close, options.exit ?? ((status) => process.exit(status)));
    const application = await createHttpApplication(
      moduleOf({ access, stores, projector, ending, options }),
    );
    closing.push(() => application.close());
    const { host, port } = configuration;
    await application.listen({ host, port }).catch((cause: unknown) => {
      throw new ListenFailed(`cannot listen on ${host}:${port}`, { cause });
    });
    const bound = application.getHttpServer().address() as AddressInfo;
    return { address: addressOf(bound), close };
  } catch (error) {
    await close();
    throw error;
  }
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
  return new Supervisor(run, (error) => {
    const stack = error instanceof Error ? error.stack : 'a thing that is no error was thrown';
    const line = { at: new Date().toISOString(), level: 'error', what: 'projector', stack };
    writeLog(`${JSON.stringify(line)}\n`);
  });
}

type Parts = {
  readonly access: AccessOptions;
  readonly stores: ServedStores;
  readonly projector: Supervisor;
  readonly ending: Ending;
  readonly options: StandaloneOptions;
};

function moduleOf({ access, stores, projector, ending, options }: Parts): DynamicModule {
  const watched = { ...stores, projector, ending };
  const metrics = new Metrics();
  measureProgress(metrics, watched);
  const door = DoorModule.with({
    access,
    metrics,
    problems: COMPLAINT_PROBLEMS,
    readiness: () => readinessOf(watched),
    positionWaitMs: options.positionWaitMs ?? POSITION_WAIT_MAX_MS,
    onBroken: (error) => ending.begin(error),
    writeLog: options.writeLog ?? toStandardError,
    writeAccessLog: options.writeAccessLog,
    version: VERSION,
  });
  return { module: StandaloneModule, imports: [door, ComplaintsModule.with(stores)] };
}

/** @throws TokensInvalid */
function accessOf({ auth, tokensFile }: Configuration): AccessOptions {
  const tokens = existsSync(tokensFile) ? parseTokens(readFileSync(tokensFile, 'utf8')) : {};
  return { mode: auth, tokens };
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function toStandardError(text: string): void {
  process.stderr.write(text);
}
