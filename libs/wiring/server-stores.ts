import {
  AddressInvalid,
  EventStoreDbEventStore,
  isSignInRefused as isSignInRefusedByLog,
} from '#event-store/eventstoredb';
import { ReadModelsUnavailable } from '#read-models/port';
import { isSignInRefused, MongoReadModels } from '#read-models/mongodb';
import { ConfigurationInvalid } from './environment.js';
import { serverAddress, type Servers } from './server-urls.js';
import type { OpenMode, Stores } from './stores.js';
import { SystemClock, SystemRandomness } from './system.js';

/** Log in EventStoreDB, read models in MongoDB. */
export type ServerStores = Stores & {
  readonly eventStore: EventStoreDbEventStore;
  readonly readModels: MongoReadModels;
  readonly shared: MongoReadModels;
};

/** Waits for no server. @throws ConfigurationInvalid when a driver cannot make sense of a URL. */
export async function openServers(
  { eventStoreUrl, mongoUrl }: Servers,
  mode: OpenMode,
): Promise<ServerStores> {
  const eventStore = await openLog(eventStoreUrl);
  const readModels = await openReadModels(mongoUrl, mode).catch(async (error: unknown) => {
    await eventStore.close();
    throw error;
  });
  return {
    eventStore,
    readModels,
    shared: readModels,
    probes: [
      {
        name: 'eventstore',
        address: serverAddress(eventStoreUrl),
        signIn: { variable: 'EVENTSTORE_URL', isRefused: isSignInRefusedByLog },
        ping: () => eventStore.ping(),
      },
      {
        name: 'mongodb',
        address: serverAddress(mongoUrl),
        signIn: { variable: 'MONGODB_URL', isRefused: isSignInRefused },
        ping: () => readModels.ping(),
      },
    ],
    resubscriptions: () => eventStore.resubscriptions,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    close: async () => {
      await readModels.close();
      await eventStore.close();
    },
  };
}

async function openLog(url: string): Promise<EventStoreDbEventStore> {
  try {
    return await EventStoreDbEventStore.open({ url });
  } catch (cause) {
    if (!(cause instanceof AddressInvalid)) throw cause;
    throw new ConfigurationInvalid('EVENTSTORE_URL', 'the driver cannot make sense of it', {
      cause,
    });
  }
}

async function openReadModels(url: string, mode: OpenMode): Promise<MongoReadModels> {
  const writes = mode !== 'append' && mode !== 'read';
  try {
    return await MongoReadModels.open({ url, mode: writes ? 'write' : 'read' });
  } catch (cause) {
    if (!(cause instanceof ReadModelsUnavailable)) throw cause;
    throw new ConfigurationInvalid('MONGODB_URL', 'the driver cannot make sense of it', { cause });
  }
}
