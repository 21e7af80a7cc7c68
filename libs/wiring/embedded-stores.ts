import { SqliteEventStore } from '#event-store/sqlite';
import { SqliteReadModels } from '#read-models/sqlite';
import type { Configuration } from './configuration.js';
import type { OpenMode, Stores } from './stores.js';
import { SystemClock, SystemRandomness } from './system.js';

/** Log and read models in two files of one folder. */
export type EmbeddedStores = Stores & {
  readonly eventStore: SqliteEventStore;
  readonly readModels: SqliteReadModels;
};

const LOG_WRITERS: readonly OpenMode[] = ['write', 'append', 'import'];

/** @throws StoreLocked, StoreUnavailable, StoreFormatUnknown, ReadModelsUnavailable. */
export async function openEmbedded(
  { dataDir: directory }: Pick<Configuration, 'dataDir'>,
  mode: OpenMode,
): Promise<EmbeddedStores> {
  const eventStore = await SqliteEventStore.open({
    directory,
    mode: LOG_WRITERS.includes(mode) ? 'write' : 'read',
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
    probes: [],
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    close: async () => {
      await readModels.close();
      await eventStore.close();
    },
  };
}
