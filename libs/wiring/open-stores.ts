import type { Configuration } from './configuration.js';
import type { EmbeddedStores } from './embedded-stores.js';
import type { ServerStores } from './server-stores.js';
import type { Servers } from './server-urls.js';
import type { OpenMode, Stores } from './stores.js';

export type { EmbeddedStores } from './embedded-stores.js';
export type { ServerStores } from './server-stores.js';

/**
 * Opens the stores that the configuration names, loading no driver of others. Servers need not be
 * there: what is asked of them then throws StoreUnavailable or ReadModelsUnavailable.
 *
 * @throws StoreLocked, StoreUnavailable, StoreFormatUnknown, ReadModelsUnavailable when embedded;
 * ConfigurationInvalid when a driver cannot make sense of a URL.
 */
export async function openStores(configuration: Configuration, mode: OpenMode): Promise<Stores> {
  if (configuration.servers) return openServerStores(configuration.servers, mode);
  return openEmbeddedStores(configuration, mode);
}

/** The stores on servers, for what only servers can be asked. */
export async function openServerStores(servers: Servers, mode: OpenMode): Promise<ServerStores> {
  const { openServers } = await import('./server-stores.js');
  return openServers(servers, mode);
}

/** The stores in the data directory, for what only files can do: copying them, checking them. */
export async function openEmbeddedStores(
  configuration: Pick<Configuration, 'dataDir'>,
  mode: OpenMode,
): Promise<EmbeddedStores> {
  const { openEmbedded } = await import('./embedded-stores.js');
  return openEmbedded(configuration, mode);
}
