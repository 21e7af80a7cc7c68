import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { SqliteEventStore } from '#event-store/sqlite';
import type { EventStore } from '#event-store/port';
import { leafEntryOf } from '#evidence';
import { sequenceOnce, startSequencer } from '#ledger';
import { TreeHead } from '#merkle';
import { startServer, type EventStoreServer } from '../servers/eventstoredb/offer.js';
import { appendEvents, LedgerGround, ORIGIN } from './sequencer-ground.js';

jest.setTimeout(60_000);

let ground: LedgerGround;
let server: EventStoreServer;
let opened: EventStore[] = [];

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

beforeEach(() => {
  ground = new LedgerGround();
});

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
  ground.remove();
});

const STORES: readonly (readonly [string, () => Promise<EventStore>])[] = [
  [
    'sqlite',
    async () =>
      await SqliteEventStore.open({ directory: join(ground.directory, 'log'), mode: 'write' }),
  ],
  ['eventstoredb', async () => await EventStoreDbEventStore.open({ url: server.url })],
];

async function open(make: () => Promise<EventStore>): Promise<EventStore> {
  const store = await make();
  opened.push(store);
  return store;
}

/** The root over the log as the store hands it out, without tiles. */
async function rootOfLog(store: EventStore): Promise<Uint8Array> {
  const head = new TreeHead();
  for await (const page of store.readAll()) {
    for (const event of page) {
      head.addEntry(leafEntryOf(event, { origin: ORIGIN, index: Number(head.size) }));
    }
  }
  return head.root();
}

// In this order in one describe: a server's log is one for all its tests, and its mark is, too.
describe.each(STORES)('a ledger on %s', (_, make) => {
  it('is signed, goes on after opening again, is followed, and made anew from the log', async () => {
    const first = await open(make);
    await appendEvents(first, 300);
    const one = await sequenceOnce(ground.parts({ eventStore: first }));
    expect(one.size).toBe(300n);
    expect(one.root).toEqual(await rootOfLog(first));
    await first.close();

    const second = await open(make);
    const sequencer = startSequencer(ground.options({ eventStore: second }));
    await appendEvents(second, 300);
    const position = (await second.head()) ?? '';
    const { size, root, note } = await sequencer.settled(position, AbortSignal.timeout(40_000));
    await sequencer.stop();
    expect(size).toBe(600n);
    expect(root).toEqual(await rootOfLog(second));
    expect(ground.faults).toEqual([]);
    expect(await second.countUpTo(position)).toBe(600);

    rmSync(join(ground.directory, 'ledger'), { recursive: true });
    const again = await sequenceOnce(ground.parts({ eventStore: second }));
    expect(again.note).toBe(note);
    expect(await ground.noteInFolder()).toBe(note);
  });
});
