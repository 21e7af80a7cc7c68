import { afterAll, beforeAll } from '@jest/globals';
import type { EventStore } from '#event-store/port';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { eventStoreContract, type EventStoreSpace } from '#testing/event-store';
import { GIVEN_URL, nameOfServer, startServer, type EventStoreServer } from './offer.js';

/**
 * Short, because on a server that errs for good the outcome stays unknown for all of it; and long
 * enough for a thousand events on a busy machine.
 */
const APPEND_TIMEOUT_MS = 3_000;
const FAULTS = { 'before-effect': 'before-commit', 'after-effect': 'after-commit' } as const;

let server: EventStoreServer;
const name = await nameOfServer();

beforeAll(async () => {
  server = await startServer();
  process.stderr.write(`eventstoredb adapter: contract on ${name}\n`);
});

afterAll(() => server.stop());

function createSpace(): EventStoreSpace {
  const opened: EventStore[] = [];
  const { double, url } = server;
  const open = async () => {
    const store = await EventStoreDbEventStore.open(
      double ? { url, appendTimeoutMs: APPEND_TIMEOUT_MS } : { url },
    );
    opened.push(store);
    return store;
  };
  return {
    // The adapter tries again by itself, so that a fault lasts until somebody looks again.
    open: () => {
      double?.faults.healAppends();
      return open();
    },
    openReader: open,
    failNextCommit: (fault) => double?.faults.cutAppends(FAULTS[fault]),
    remove: async () => {
      double?.faults.healAppends();
      await Promise.all(opened.map((store) => store.close()));
    },
  };
}

eventStoreContract(`eventstoredb on ${name}`, {
  create: async () => createSpace(),
  commitFaults:
    GIVEN_URL === undefined
      ? { offered: true }
      : { notOffered: 'a server that is not ours takes no faults; the double shows them' },
});
