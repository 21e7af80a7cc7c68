import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyLog, eventLine, type Copied } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { eventOfSize, readAfter, sampleEvents } from '#testing/event-store';
import { logPlaceOf, openLog, type LogPlace, type OpenedLog } from '#wiring';
import { startDouble, type Double } from './eventstoredb/double.js';

const TIMEOUT_MS = 120_000;
const STREAMS = 40;
const APPENDS = 300;

let folder: string;
let double: Double;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'redress-migrate-'));
  double = await startDouble();
});

afterEach(async () => {
  await double.stop();
  rmSync(folder, { recursive: true, force: true });
});

const sqlite = (name: string): LogPlace => logPlaceOf(join(folder, name), {});
const server = (): LogPlace => logPlaceOf('env:STORE', { STORE: double.url });

/** Streams that take turns, runs of several events, events as large as they may be. */
async function fill(name: string): Promise<void> {
  const store = await SqliteEventStore.open({ directory: join(folder, name), mode: 'write' });
  const appends: Promise<unknown>[] = [];
  for (let append = 0; append < APPENDS; append += 1) {
    const stream = `sample-${(append * 7) % STREAMS}`;
    const events =
      append % 50 === 0 ? [eventOfSize(60_000, 'ü€😀')] : sampleEvents(1 + (append % 3));
    appends.push(store.append(stream, 'any', events));
  }
  await Promise.all(appends);
  await store.append('sample-long', 'no-stream', sampleEvents(1_000));
  await store.append('sample-long', 999, sampleEvents(234));
  await store.close();
}

async function withLog<Answer>(
  place: LogPlace,
  role: 'source' | 'target',
  work: (log: OpenedLog) => Promise<Answer>,
): Promise<Answer> {
  const log = await openLog(place, role);
  try {
    return await work(log);
  } finally {
    await log.store.close();
  }
}

function sha256() {
  const hash = createHash('sha256');
  return { add: (text: string) => hash.update(text), hex: () => hash.digest('hex') };
}

function migrate(from: LogPlace, to: LogPlace): Promise<Copied> {
  return withLog(from, 'source', (source) =>
    withLog(to, 'target', (target) => copyLog({ source, target, sha256 })),
  );
}

const linesOf = (place: LogPlace): Promise<readonly string[]> =>
  withLog(place, 'source', async ({ store }) => (await readAfter(store, undefined)).map(eventLine));

describe('a migration through EventStoreDB', () => {
  it(
    'and back gives the bytes of the first log, but for positions',
    async () => {
      await fill('first');
      const there = await migrate(sqlite('first'), server());
      const back = await migrate(server(), sqlite('second'));
      const [first, second] = [await linesOf(sqlite('first')), await linesOf(sqlite('second'))];
      expect(second).toEqual(first);
      expect(there).toMatchObject({ events: first.length, verified: true, streams: STREAMS + 1 });
      expect(back).toEqual(there);
      expect(await migrate(sqlite('first'), server())).toEqual({ ...there, copied: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'waits while the server is gone, and goes on where it was',
    async () => {
      await fill('first');
      const faults: string[] = [];
      let killed: Promise<void> | undefined;
      const restart = async () => {
        await double.kill();
        // Gone until the migration has noticed, which the double cannot tell.
        while (faults.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
        await double.start();
      };
      const log = await openLog(server(), 'target');
      const append = log.store.append.bind(log.store);
      let appends = 0;
      log.store.append = (...args) => {
        appends += 1;
        if (appends === 40) killed = restart();
        return append(...args);
      };
      const copied = await withLog(sqlite('first'), 'source', (source) =>
        copyLog({
          source,
          target: log,
          sha256,
          onFault: ({ message }) => faults.push(message),
        }),
      );
      await killed;
      await log.store.close();
      expect(faults.length).toBeGreaterThan(0);
      expect(copied).toMatchObject({ verified: true });
      expect(await linesOf(server())).toEqual(await linesOf(sqlite('first')));
    },
    TIMEOUT_MS,
  );
});
