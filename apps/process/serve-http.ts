import {
  createHttpApplication,
  DoorModule,
  parseTokens,
  POSITION_WAIT_MAX_MS,
  type AccessOptions,
  type EndingError,
  type Metrics,
  type ProblemCatalogue,
  type Readiness,
  type WriteText,
} from '#http';
import { ConfigurationInvalid, type Configuration } from '#wiring';
import { Module, type DynamicModule } from '@nestjs/common';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { addressOf, ListenFailed, type Running } from './listening.js';

export const VERSION = '0.1.0';

export type HttpServing = {
  readonly configuration: Pick<Configuration, 'host' | 'port'>;
  readonly access: AccessOptions;
  /** The Nest modules of the contexts that are served. */
  readonly modules: readonly DynamicModule[];
  readonly problems: ProblemCatalogue;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
  readonly onBroken: (error: EndingError) => void;
  readonly writeLog: WriteText;
  readonly writeAccessLog?: WriteText | undefined;
  readonly positionWaitMs?: number | undefined;
};

@Module({})
class ServedModule {}

/** Serves the API. Resolves when requests are answered. @throws ListenFailed; nothing is open then. */
export async function serveHttp(serving: HttpServing): Promise<Running> {
  const { access, configuration, modules, problems, metrics, readiness, onBroken } = serving;
  const door = DoorModule.with({
    access,
    metrics,
    problems,
    readiness,
    positionWaitMs: serving.positionWaitMs ?? POSITION_WAIT_MAX_MS,
    onBroken,
    writeLog: serving.writeLog,
    writeAccessLog: serving.writeAccessLog,
    version: VERSION,
  });
  const served = { module: ServedModule, imports: [door, ...modules] };
  const application = await createHttpApplication(served);
  try {
    await application.listen({ host: configuration.host, port: configuration.port });
  } catch (cause) {
    await application.close();
    throw new ListenFailed(configuration, cause);
  }
  const bound = application.getHttpServer().address() as AddressInfo;
  return { address: addressOf(bound), close: () => application.close() };
}

/**
 * Who may enter, as the file of tokens says; nobody is in a default one that is not there.
 * @throws TokensInvalid; ConfigurationInvalid when the file that was named cannot be read
 */
export function accessOf({
  auth,
  tokensFile,
  tokensFileIs,
}: Pick<Configuration, 'auth' | 'tokensFile' | 'tokensFileIs'>): AccessOptions {
  const text = contentOf(tokensFile, tokensFileIs);
  return { mode: auth, tokens: text === undefined ? {} : parseTokens(text) };
}

/** Undefined for a default file that is not there. */
function contentOf(file: string, fileIs: Configuration['tokensFileIs']): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && fileIs === 'default') return undefined;
    throw new ConfigurationInvalid(
      'REDRESS_TOKENS_FILE',
      `the file of tokens cannot be read (${code}), so that nobody could enter`,
      { cause },
    );
  }
}
