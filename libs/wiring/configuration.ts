import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { ConfigurationInvalid, oneOf, valueOf, type Environment } from './environment.js';
import { httpUrlOf, ledgerOf, type LedgerConfiguration } from './ledger-configuration.js';
import { serversOf, urlOf, type Servers } from './server-urls.js';

export type AuthMode = 'open' | 'tokens';

/** Where notices to complainants go: files in a folder, a mail server, or nowhere. */
export type NoticesConfiguration =
  | { readonly kind: 'off' }
  | { readonly kind: 'outbox'; readonly directory: string; readonly from: string }
  /** The URL may hold credentials: never print it. */
  | { readonly kind: 'smtp'; readonly url: string; readonly from: string };

/** What a process was told by its environment, checked. Every variable stands in docs/operations.md. */
export type Configuration = {
  readonly stores: 'embedded' | 'servers';
  /** There exactly when `stores` is `servers`. */
  readonly servers?: Servers;
  /** Absolute path of the folder that holds log, read models and tokens. */
  readonly dataDir: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The log's name; part of every signed checkpoint, so never changed once chosen. */
  readonly origin: string;
  readonly auth: AuthMode;
  /** Absolute path of the file that says who may enter. */
  readonly tokensFile: string;
  /** `named`: by its variable, and so must be there. Without the default one nobody has a token. */
  readonly tokensFileIs: 'named' | 'default';
  readonly notices: NoticesConfiguration;
  readonly ledger: LedgerConfiguration;
  /** Where the outside world finds this server, without a slash at its end; for links in letters. */
  readonly publicUrl?: string;
};

/** The settings that a caller (a command-line option, a test) may put before the environment. */
export type ConfigurationOverrides = Partial<
  Pick<Configuration, 'dataDir' | 'host' | 'port' | 'auth'>
>;

const ORIGIN = /^[a-z0-9.-]+(?:\/[a-z0-9._-]+)*$/;
const ORIGIN_LENGTH_MAX = 200;
const MAIL_FROM_DEFAULT = 'complaints@redress.invalid';
/** An address, or a name with one in angle brackets. */
const MAIL_FROM = /^(?:[^<>\r\n]{1,200} <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** Reads and checks the configuration. @throws ConfigurationInvalid naming the variable. */
export function readConfiguration(
  environment: Environment,
  overrides: ConfigurationOverrides = {},
): Configuration {
  const host = overrides.host ?? valueOf(environment, 'HOST') ?? '127.0.0.1';
  const auth = overrides.auth ?? authOf(environment);
  if (auth === 'open' && !isLoopback(host)) {
    throw new ConfigurationInvalid(
      'REDRESS_AUTH',
      `must be "tokens" when HOST (${host}) is not a loopback address: open mode lets anybody in`,
    );
  }
  const stores = storesOf(environment);
  const dataDir = resolve(
    overrides.dataDir ?? valueOf(environment, 'REDRESS_DATA_DIR') ?? '.redress',
  );
  const publicUrl = httpUrlOf('REDRESS_PUBLIC_URL', valueOf(environment, 'REDRESS_PUBLIC_URL'));
  return {
    stores,
    ...(stores === 'servers' ? { servers: serversOf(environment) } : {}),
    dataDir,
    host,
    port: overrides.port ?? portOf(valueOf(environment, 'PORT') ?? '3000'),
    origin: originOf(valueOf(environment, 'REDRESS_ORIGIN') ?? 'redress.local/default'),
    auth,
    ...tokensFileOf(environment, dataDir),
    notices: noticesOf(environment, dataDir),
    ledger: ledgerOf(environment, dataDir),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
}

function storesOf(environment: Environment): Configuration['stores'] {
  const value = valueOf(environment, 'REDRESS_STORES') ?? 'embedded';
  return oneOf('REDRESS_STORES', value, ['embedded', 'servers']);
}

function authOf(environment: Environment): AuthMode {
  const value = valueOf(environment, 'REDRESS_AUTH') ?? 'open';
  return oneOf('REDRESS_AUTH', value, ['open', 'tokens']);
}

function tokensFileOf(
  environment: Environment,
  dataDir: string,
): Pick<Configuration, 'tokensFile' | 'tokensFileIs'> {
  const named = valueOf(environment, 'REDRESS_TOKENS_FILE');
  if (named !== undefined) return { tokensFile: resolve(named), tokensFileIs: 'named' };
  return { tokensFile: join(dataDir, 'tokens.json'), tokensFileIs: 'default' };
}

function noticesOf(environment: Environment, dataDir: string): NoticesConfiguration {
  const value = valueOf(environment, 'REDRESS_NOTICES') ?? 'outbox';
  const kind = oneOf('REDRESS_NOTICES', value, ['outbox', 'smtp', 'off']);
  if (kind === 'off') return { kind };
  const from = valueOf(environment, 'REDRESS_MAIL_FROM');
  if (from !== undefined && !MAIL_FROM.test(from)) {
    throw new ConfigurationInvalid(
      'REDRESS_MAIL_FROM',
      'must be an address, or "Name <address>" with the address in angle brackets',
    );
  }
  if (kind === 'outbox') {
    const directory = valueOf(environment, 'REDRESS_OUTBOX_DIR');
    const outbox = directory === undefined ? join(dataDir, 'outbox') : resolve(directory);
    return { kind, directory: outbox, from: from ?? MAIL_FROM_DEFAULT };
  }
  const url = urlOf(environment, 'SMTP_URL', ['smtp', 'smtps']);
  if (url === undefined) {
    throw new ConfigurationInvalid('SMTP_URL', 'is needed when REDRESS_NOTICES is "smtp"');
  }
  if (from === undefined) {
    throw new ConfigurationInvalid('REDRESS_MAIL_FROM', 'is needed when REDRESS_NOTICES is "smtp"');
  }
  return { kind, url, from };
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
