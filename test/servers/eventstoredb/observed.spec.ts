import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventStoreDBClient, jsonEvent, type AppendExpectedRevision } from '@eventstore/db-client';
import { EventStoreDbEventStore } from '#event-store/eventstoredb';
import { freshStream, sampleEvents, turns } from '#testing/event-store';
import { nameOfServer, startServer, type EventStoreServer } from './offer.js';

jest.setTimeout(30_000);

/**
 * What was observed of EventStoreDB 23.10 and what the adapter is built on, asked of whatever server
 * the suites run on: the double must behave so, and a real server must do so still.
 */
let server: EventStoreServer;
let client: EventStoreDBClient;
let stream: string;
const name = await nameOfServer();

beforeAll(async () => {
  server = await startServer();
  client = EventStoreDBClient.connectionString(server.url);
});

beforeEach(() => {
  stream = freshStream();
});

afterAll(async () => {
  await client.dispose();
  await server.stop();
});

const event = (id: string = randomUUID(), text = '') =>
  jsonEvent({ id, type: 'Told', data: { text } });

async function idsIn(name: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { event: read } of client.readStream(name)) if (read) ids.push(read.id);
  return ids;
}

describe(`observed of EventStoreDB, on ${name}`, () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  const TABLE: readonly {
    readonly ids: readonly string[];
    readonly expected: AppendExpectedRevision;
    readonly outcome: 'repeated' | 'written' | 'wrong-expected-version';
  }[] = [
    { ids: [a, b], expected: 'no_stream', outcome: 'repeated' },
    { ids: [a], expected: 'no_stream', outcome: 'repeated' },
    { ids: [b], expected: 0n, outcome: 'repeated' },
    { ids: [a, b, c], expected: 'no_stream', outcome: 'wrong-expected-version' },
    { ids: [b, a], expected: 'no_stream', outcome: 'wrong-expected-version' },
    { ids: [a, b], expected: 'any', outcome: 'repeated' },
    { ids: [a, b], expected: 'stream_exists', outcome: 'repeated' },
    { ids: [a, b, c], expected: 'any', outcome: 'wrong-expected-version' },
    { ids: [c, a], expected: 'any', outcome: 'written' },
    { ids: [a, b], expected: 1n, outcome: 'written' },
    { ids: [c], expected: 7n, outcome: 'wrong-expected-version' },
  ];

  it.each(TABLE)('after [a, b], $ids with $expected: $outcome', async (row) => {
    // Ids of its own for each row: the server remembers them over all streams.
    const own = new Map<string, string>([a, b, c].map((id) => [id, randomUUID()]));
    const first = [a, b].map((id) => event(own.get(id)));
    const before = await client.appendToStream(stream, first, { expectedRevision: 'no_stream' });
    const events = row.ids.map((id) => event(own.get(id)));
    const appending = client.appendToStream(stream, events, { expectedRevision: row.expected });
    if (row.outcome === 'wrong-expected-version') {
      await expect(appending).rejects.toMatchObject({ type: row.outcome, message: '' });
    } else {
      const { position } = await appending;
      const isLater = (position?.commit ?? 0n) > (before.position?.commit ?? 0n);
      expect(isLater).toBe(row.outcome === 'written');
    }
    const written = row.outcome === 'written' ? events : [];
    expect(await idsIn(stream)).toEqual([...first, ...written].map(({ id }) => id));
  });

  it('takes 1,048,576 bytes of data in one write, and not one more', async () => {
    const half = (bytes: number) => event(randomUUID(), 'x'.repeat(bytes - '{"text":""}'.length));
    const tooLarge = client.appendToStream(stream, [half(524_288), half(524_289)]);
    await expect(tooLarge).rejects.toMatchObject({
      type: 'maximum-append-size-exceeded',
      maxAppendSize: 1_048_576,
    });
    await client.appendToStream(stream, [half(524_288), half(524_288)]);
    expect(await idsIn(stream)).toHaveLength(2);
  });

  it('reads inclusive, and subscribes exclusive', async () => {
    const first = await client.appendToStream(stream, event());
    const second = await client.appendToStream(stream, event());
    const { position } = first;
    if (!position) throw new Error('an append has a position');
    const read: (bigint | undefined)[] = [];
    for await (const { event: found } of client.readAll({ fromPosition: position, maxCount: 1 })) {
      read.push(found?.position?.commit);
    }
    expect(read).toEqual([position.commit]);
    const subscription = client.subscribeToAll({ fromPosition: position });
    for await (const { event: found } of subscription) {
      expect(found?.position?.commit).toBe(second.position?.commit);
      break;
    }
    await subscription.unsubscribe();
  });

  it('has no stream where nothing was written', async () => {
    await expect(idsIn(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('refuses a position in the middle of an event, and reads nothing beyond the end', async () => {
    const { position } = await client.appendToStream(stream, event());
    const commit = position?.commit ?? 0n;
    const readFrom = async (at: bigint) => {
      let count = 0;
      const fromPosition = { commit: at, prepare: at };
      for await (const _ of client.readAll({ fromPosition, maxCount: 1 })) count += 1;
      return count;
    };
    await expect(readFrom(commit + 1n)).rejects.toMatchObject({ type: 'unknown', code: 2 });
    expect(await readFrom(commit + 1_000_000_000n)).toBe(0);
  });

  it('drops a live subscriber at a burst of 32', async () => {
    const store = await EventStoreDbEventStore.open({ url: server.url });
    const subscription = client.subscribeToAll({ fromPosition: 'end' });
    let isLive = false;
    let dropped: unknown;
    subscription.on('error', (error) => {
      dropped = error;
    });
    subscription.on('caughtUp', () => {
      isLive = true;
    });
    subscription.on('data', () => undefined);
    while (!isLive) await turns(1);
    // Seen each time on one server and not promised: a burst much larger than the buffer.
    for (let burst = 0; burst < 10 && !dropped; burst += 1) {
      await store.append(freshStream(), 'no-stream', sampleEvents(500));
      await turns(20);
    }
    expect(dropped).toMatchObject({ type: 'timeout', code: 10 });
    await store.close();
  });
});

describe(`settings, on ${name}`, () => {
  it('tells the version and the members', async () => {
    const store = await EventStoreDbEventStore.open({ url: server.url });
    await store.ping();
    const settings = await store.settings();
    expect(settings.serverVersion).toMatch(/^\d+\.\d+/);
    expect(settings.members.map(({ state }) => state)).toContain('LEADER');
    await store.close();
  });

  it('keeps counts in the event store, and never sets them back', async () => {
    const options = { url: server.url, countMarkEvery: 10 };
    const writer = await EventStoreDbEventStore.open(options);
    const { position } = await writer.append(stream, 'no-stream', sampleEvents(35));
    const counted = await writer.countUpTo(position);
    const kept = async () => (await client.getStreamMetadata('redress-log-count')).metadata;
    const mark = await kept();
    expect(mark).toMatchObject({ count: counted - (counted % 10) });
    const again = await EventStoreDbEventStore.open({ ...options, countMarkEvery: 7 });
    expect(await again.countUpTo(position)).toBe(counted);
    expect(Number((await kept())?.['count'])).toBeGreaterThanOrEqual(Number(mark?.['count']));
    await again.close();
    await writer.close();
  });
});
