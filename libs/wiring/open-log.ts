import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SERVER_FAULTS_MAX, StoreUnavailable, type EventStore } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { ConfigurationInvalid, secretOf, type Environment } from './environment.js';
import { serverAddress } from './server-urls.js';
import type { Probe } from './stores.js';

/** Where a log lies, as a caller writes it. */
export type LogPlace =
  | { readonly kind: 'sqlite'; readonly directory: string }
  /** The URL may hold credentials: print {@link describeLog} instead. */
  | { readonly kind: 'eventstoredb'; readonly url: string };

/** `source`: must be there, and nobody else may write to it. `target`: made when absent. */
export type LogRole = 'source' | 'target';

/** One log, opened without its read models. */
export type OpenedLog = {
  readonly store: EventStore;
  /** Faults in a row that are worth waiting for; 0 where the log must be opened again. */
  readonly faultsMax: number;
  /** Appends sent in one turn that are committed in their order, together or not at all. */
  readonly appendsTogetherMax: number;
  /** Whether the number of events is known without reading them all. */
  readonly isCounted: boolean;
  /** Servers to be reached first: a wrong name should not be waited for as one that comes back. */
  readonly probes: readonly Probe[];
};

const LOG_FILE = 'log.sqlite';
/** As many as one commit of the embedded store takes in; measured in docs/operations.md. */
const SQLITE_APPENDS_TOGETHER_MAX = 1_000;

/**
 * Reads `sqlite:DIR`, a plain folder, `esdb://…`, `esdb+discover://…`, or `env:NAME` for a URL in a
 * variable or in the file that NAME_FILE names, so that no password stands on a command line.
 *
 * @throws ConfigurationInvalid for anything else.
 */
export function logPlaceOf(text: string, environment: Environment): LogPlace {
  const [, variable] = /^env:([A-Z][A-Z0-9_]*)$/.exec(text) ?? [];
  if (variable !== undefined) {
    const value = secretOf(environment, variable);
    if (value === undefined) throw new ConfigurationInvalid(variable, 'is not set');
    return logPlaceOf(value, {});
  }
  if (/^esdb(?:\+discover)?:\/\/./.test(text)) return { kind: 'eventstoredb', url: text };
  const folder = text.startsWith('sqlite:') ? text.slice('sqlite:'.length) : text;
  if (folder === '' || /^[a-z+]+:/.test(folder)) {
    const scheme = /^[a-z+]*:?/.exec(folder)?.[0] ?? '';
    throw new ConfigurationInvalid(
      'URL',
      `write sqlite:FOLDER, esdb://HOST or env:NAME, not "${scheme}…"`,
    );
  }
  return { kind: 'sqlite', directory: resolve(folder) };
}

/** A place without credentials. */
export function describeLog(place: LogPlace): string {
  if (place.kind === 'sqlite') return place.directory;
  return `EventStoreDB at ${serverAddress(place.url)}`;
}

/**
 * Opens a log alone. An embedded one is taken for writing in both roles, so that no server writes
 * to it meanwhile.
 *
 * @throws StoreLocked, StoreUnavailable, StoreFormatUnknown.
 */
export async function openLog(place: LogPlace, role: LogRole): Promise<OpenedLog> {
  if (place.kind === 'eventstoredb') {
    const { EventStoreDbEventStore, isSignInRefused } = await import('#event-store/eventstoredb');
    const store = await EventStoreDbEventStore.open({ url: place.url });
    const address = serverAddress(place.url);
    const signIn = { variable: 'EVENTSTORE_URL', isRefused: isSignInRefused } as const;
    const probes = [{ name: 'eventstore', address, signIn, ping: () => store.ping() }] as const;
    return { store, faultsMax: SERVER_FAULTS_MAX, appendsTogetherMax: 1, isCounted: false, probes };
  }
  const { directory } = place;
  if (role === 'source' && !existsSync(join(directory, LOG_FILE))) {
    throw new StoreUnavailable(`there is no event log in ${directory}`);
  }
  const store = await SqliteEventStore.open({ directory, mode: 'write' });
  const appendsTogetherMax = SQLITE_APPENDS_TOGETHER_MAX;
  return { store, faultsMax: 0, appendsTogetherMax, isCounted: true, probes: [] };
}
