import { ConfigurationInvalid, secretOf, valueOf, type Environment } from './environment.js';

/** Where the servers are. The URLs may hold credentials: print {@link serverAddress} instead. */
export type Servers = {
  /** `esdb://…` or `esdb+discover://…` */
  readonly eventStoreUrl: string;
  /** `mongodb://…` or `mongodb+srv://…`; the path is the database. */
  readonly mongoUrl: string;
  /** `redis://…` or `rediss://…`; only who works through notices needs it. */
  readonly redisUrl?: string;
};

/** @throws ConfigurationInvalid naming the variable. */
export function serversOf(environment: Environment): Servers {
  const eventStoreUrl = urlOf(environment, 'EVENTSTORE_URL', ['esdb', 'esdb+discover']);
  const mongoUrl = urlOf(environment, 'MONGODB_URL', ['mongodb', 'mongodb+srv']);
  const redisUrl = urlOf(environment, 'REDIS_URL', ['redis', 'rediss']);
  return {
    eventStoreUrl: required('EVENTSTORE_URL', eventStoreUrl),
    mongoUrl: required('MONGODB_URL', mongoUrl),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
}

/** The URL of Redis for who cannot do without. @throws ConfigurationInvalid */
export function requiredRedisUrl(servers: Servers): string {
  return required('REDIS_URL', servers.redisUrl);
}

function required(name: string, url: string | undefined): string {
  if (url !== undefined) return url;
  throw new ConfigurationInvalid(name, `is needed here (or ${name}_FILE, a file that holds it)`);
}

/**
 * A URL of one of these schemes, which may name several hosts, as those of clusters do.
 * @throws ConfigurationInvalid without the value: it may hold a password.
 */
export function urlOf(
  environment: Environment,
  name: string,
  schemes: readonly string[],
): string | undefined {
  const url = secretOf(environment, name);
  if (url === undefined) return undefined;
  const scheme = schemes.find((one) => url.startsWith(`${one}://`));
  const wanted = schemes.map((one) => `${one}://`).join(' or ');
  const variable = valueOf(environment, name) === undefined ? `${name}_FILE` : name;
  if (scheme === undefined) throw new ConfigurationInvalid(variable, `must begin with ${wanted}`);
  if (!serverAddress(url).split(',').every(isHost) || /\s/.test(url)) {
    throw new ConfigurationInvalid(
      variable,
      `must be ${scheme}://host, with a port of 1 to ${PORT_MAX} where needed`,
    );
  }
  if (!isDecodable(url)) {
    throw new ConfigurationInvalid(variable, 'has a % that is no escape: write %25 for it');
  }
  return url;
}

const PORT_MAX = 65_535;
/** A name or address, that of version 6 in brackets, and a port. */
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;

/** Drivers meet a port that there cannot be only when they connect, and would try it for ever. */
function isHost(text: string): boolean {
  const match = HOST.exec(text);
  if (!match) return false;
  const [, port] = match;
  return port === undefined || (Number(port) >= 1 && Number(port) <= PORT_MAX);
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** Hosts and ports of a URL, without credentials, path and options: what may be printed. */
export function serverAddress(url: string): string {
  const [authority = ''] = url.replace(/^[a-z+]+:\/\//, '').split(/[/?#]/, 1);
  // A password with an unescaped `/` would cut the authority short before its `@`.
  const at = url.lastIndexOf('@');
  const isCut = at >= 0 && !authority.includes('@');
  if (isCut) return serverAddress(url.slice(at + 1));
  return authority.slice(authority.lastIndexOf('@') + 1);
}
