import { EventStoreDBClient } from '@eventstore/db-client';

/** The address of the event store cannot be used. Its message holds no part that may be secret. */
export class AddressInvalid extends Error {
  override readonly name = 'AddressInvalid';
  readonly code = 'store.address-invalid';
}

const SCHEME = /^esdb(?:\+discover)?:\/\//;
/** To the last `@`: a password may hold any other character, and the client takes it as it is. */
const CREDENTIALS = /^(esdb(?:\+discover)?:\/\/).*@/;

/**
 * What the client would otherwise choose by itself. Its own keep-alive finds a connection that is
 * dead; shorter than 10 s it warns about.
 */
const OPTIONS: Readonly<Record<string, string>> = {
  defaultDeadline: '10000',
  keepAliveInterval: '10000',
  keepAliveTimeout: '10000',
};

/** What the client reads before the hosts: credentials go to the first `@` behind a colon. */
const BEFORE_HOSTS = /^[^:]+:\/\/(?:[^:]+:[^@]+@)?/;
/** The options that the client takes, in any case; not to verify a certificate is none of them. */
const OPTION =
  /^(?:connectionName|defaultDeadline|discoveryInterval|gossipTimeout|keepAliveInterval|keepAliveTimeout|maxDiscoverAttempts|nodePreference|throwOnAppendFailure|tls|tlsCAFile|tlsVerifyCert(?==true$)|userCertFile|userKeyFile)=/i;

/** A client for an address, not connected yet. @throws AddressInvalid */
export function clientFor(url: string): EventStoreDBClient {
  if (!SCHEME.test(url)) {
    throw new AddressInvalid(
      'the address of the event store begins with esdb:// or esdb+discover://',
    );
  }
  if (hasStrangeOption(url)) {
    throw new AddressInvalid(
      `the address of the event store, ${withoutCredentials(url)}, has an option that is not known`,
    );
  }
  try {
    return EventStoreDBClient.connectionString(withOptions(url));
  } catch (error) {
    // No cause: the client's error carries the whole address, and with it the password.
    throw new AddressInvalid(
      `the address of the event store, ${withoutCredentials(url)}, cannot be used${problemOf(error)}`,
    );
  }
}

/** The address as it may be shown: hosts and options, no user name and no password. */
export function withoutCredentials(url: string): string {
  return url.replace(CREDENTIALS, '$1');
}

function withOptions(url: string): string {
  let whole = url.trim();
  for (const [name, value] of Object.entries(OPTIONS)) {
    if (new RegExp(`[?&]${name}=`, 'i').test(whole)) continue;
    whole += `${whole.includes('?') ? '&' : '?'}${name}=${value}`;
  }
  return whole;
}

/** The client would warn of it on standard error, and quote the address, password and all. */
function hasStrangeOption(url: string): boolean {
  const [, ...options] = url.trim().replace(BEFORE_HOSTS, '').split(/[?&]/);
  return options.some((option) => !OPTION.test(option));
}

/** What the client says of files; what it says of the address would quote it. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /certificate/i.test(message) ? `: ${message}` : '';
}
