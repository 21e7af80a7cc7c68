import { SqliteEventStore } from '#event-store/sqlite';
import { SqliteReadModels } from '#read-models/sqlite';
import type { Clock, Randomness } from '#kernel';
import type { Configuration } from './configuration.js';
import { ConfigurationInvalid } from './environment.js';
import { SystemClock, SystemRandomness } from './system.js';

/**
 * `write`: log and read models for writing, one process at a time. `append`: the log for writing,
 * the read models for reading, because a projector elsewhere in the process writes them.
 * `project`: the other way round. `read`: both beside whoever writes.
 */
export type OpenMode = 'write' | 'append' | 'project' | 'read';

export type Stores = {
  readonly eventStore: SqliteEventStore;
  readonly readModels: SqliteReadModels;
  readonly clock: Clock;
  readonly randomness: Randomness;
  close(): Promise<void>;
};

/**
 * Opens the stores that the configuration names.
 * @throws StoreLocked, StoreUnavailable, StoreFormatUnknown, ReadModelsUnavailable.
 */
export async function openStores(configuration: Configuration, mode: OpenMode): Promise<Stores> {
  if (configuration.stores === 'servers') {
    throw new ConfigurationInvalid('REDRESS_STORES', 'servers are not wired yet');
  }
  const directory = configuration.dataDir;
  const eventStore = await SqliteEventStore.open({
    directory,
    mode: mode === 'write' || mode === 'append' ? 'write' : 'read',
  });
  const readModels = await SqliteReadModels.open({
    directory,
    mode: mode === 'write' || mode === 'project' ? 'write' : 'read',
  }).catch(async (error: unknown) => {
    await eventStore.close();
    throw error;
  });
  return {
    eventStore,
    readModels,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    close: async () => {
      await readModels.close();
      await eventStore.close();
    },
  };
}
