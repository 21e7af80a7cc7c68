import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { startDouble, type Double } from './double.js';

/** With this set, the suites run against that server; without it, against the double. */
export const GIVEN_URL = process.env['EVENTSTORE_URL'];

/** What the suites run on. The double is always there, so that none is ever skipped. */
export type EventStoreServer = {
  readonly url: string;
  /** Undefined on a real server, which takes no faults on demand. */
  readonly double: Double | undefined;
  readonly stop: () => Promise<void>;
};

export async function startServer(): Promise<EventStoreServer> {
  if (GIVEN_URL !== undefined) {
    return { url: GIVEN_URL, double: undefined, stop: async () => undefined };
  }
  const double = await startDouble();
  return { url: double.url, double, stop: () => double.stop() };
}

/** The server's name for reports: which one the figures and checks are of. */
export async function nameOfServer(): Promise<string> {
  if (GIVEN_URL === undefined) return 'the double of EventStoreDB';
  const store = await EventStoreDbEventStore.open({ url: GIVEN_URL });
  try {
    const { address, serverVersion } = await store.settings();
    return `EventStoreDB ${serverVersion} at ${address}`;
  } finally {
    await store.close();
  }
}
