import { isIP } from 'node:net';
import { resolve } from 'node:path';

export type AuthMode = 'open' | 'tokens';

/** What a process was told by its environment, checked. Every variable stands in docs/operations.md. */
export type Configuration = {
  readonly stores: 'embedded';
  /** Absolute path of the folder that holds log, read models and tokens. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The log's name; part of every signed checkpoint, so never changed once chosen. */
  readonly origin: string;
  readonly auth: AuthMode;
};

/** A setting is missing or cannot be. The message names the variable. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  readonly code = 'configuration.invalid';

  constructor(
    readonly variable: string,
    problem: string,
  ) {
    super(`${variable}: ${problem}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that a caller (a command-line option, a test) may put before the environment. */
export type ConfigurationOverrides = Partial<
  Pick<Configuration, 'dataDir' | 'host' | 'port' | 'auth'>
>;

const ORIGIN = /^[a-z0-9.-]+(?:\/[a-z0-9._-]+)*$/;
const ORIGIN_LENGTH_MAX = 200;

/** Reads and checks the configuration. @throws ConfigurationInvalid naming the variable. */
export function readConfiguration(
  environment: Environment,
  overrides: ConfigurationOverrides = {},
): Configuration {
  const host = overrides.host ?? valueOf(environment, 'HOST') ?? '127.0.0.1';
  const auth = overrides.auth ?? authOf(valueOf(environment, 'REDRESS_AUTH') ?? 'open');
  if (auth === 'open' && !isLoopback(host)) {
    throw new ConfigurationInvalid(
      'REDRESS_AUTH',
      `must be "tokens" when HOST (${host}) is not a loopback address: open mode lets anybody in`,
    );
  }
  return {
    stores: storesOf(valueOf(environment, 'REDRESS_STORES') ?? 'embedded'),
    dataDir: resolve(overrides.dataDir ?? valueOf(environment, 'REDRESS_DATA_DIR') ?? '.redress'),
    host,
    port: overrides.port ?? portOf(valueOf(environment, 'PORT') ?? '3000'),
    origin: originOf(valueOf(environment, 'REDRESS_ORIGIN') ?? 'redress.local/default'),
    auth,
  };
}

/** An empty variable counts as not set, as most tools that pass variables on expect. */
function valueOf(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function storesOf(value: string): 'embedded' {
  if (value === 'embedded') return value;
  throw new ConfigurationInvalid('REDRESS_STORES', `must be "embedded", not "${value}"`);
}

function authOf(value: string): AuthMode {
  if (value === 'open' || value === 'tokens') return value;
  throw new ConfigurationInvalid('REDRESS_AUTH', `must be "open" or "tokens", not "${value}"`);
}

function portOf(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new ConfigurationInvalid('PORT', `must be a number from 0 to 65535, not "${value}"`);
}

function originOf(value: string): string {
  if (ORIGIN.test(value) && value.length <= ORIGIN_LENGTH_MAX) return value;
  throw new ConfigurationInvalid(
    'REDRESS_ORIGIN',
    `must be a host name with an optional path in lower case, at most ${ORIGIN_LENGTH_MAX} characters`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
