import type { Configuration } from './configuration.js';
import type { EmbeddedStores } from './embedded-stores.js';
import { ConfigurationInvalid } from './environment.js';
import type { OpenMode, Stores } from './stores.js';

export type { EmbeddedStores } from './embedded-stores.js';

/**
 * Opens the stores that the configuration names, loading no driver of others. Servers need not be
 * there: what is asked of them then throws StoreUnavailable or ReadModelsUnavailable.
 *
 * @throws StoreLocked, StoreUnavailable, StoreFormatUnknown, ReadModelsUnavailable when embedded.
 */
export async function openStores(configuration: Configuration, mode: OpenMode): Promise<Stores> {
  if (configuration.servers) {
    throw new ConfigurationInvalid('REDRESS_STORES', 'servers are not wired yet');
  }
  return openEmbeddedStores(configuration, mode);
}

/** The stores in the data directory, for what only files can do: copying them, checking them. */
export async function openEmbeddedStores(
  configuration: Pick<Configuration, 'dataDir'>,
  mode: OpenMode,
): Promise<EmbeddedStores> {
  const { openEmbedded } = await import('./embedded-stores.js');
  return openEmbedded(configuration, mode);
}
