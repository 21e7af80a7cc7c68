import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventRecord, PublicLedger } from '#evidence';
import { verifyEvents } from '#evidence';
import { SqliteEventStore } from '#event-store/sqlite';
import type { NewEvent, StoredEvent } from '#kernel';
import { complaintHistory, signedLedger, type MemoryLedger } from '#testing/evidence';

// Random bytes of the database's file. A flip that the verifier passes must be proved harmless: the log
// read as a whole, and every stream read alone, are byte for byte what they were.

const FLIPS = process.env['TAMPER'] === 'full' ? 2_500 : 250;
const EVENTS = 200;
const STREAMS = 25;
const TIMEOUT_MS = 1_800_000;

let directory: string;
let ledger: MemoryLedger;
let original: Buffer;
let exported: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'redress-tamper-'));
  const events = complaintHistory({ events: EVENTS, streams: STREAMS });
  ledger = signedLedger({ events });
  const store = await SqliteEventStore.open({ directory, mode: 'write' });
  for (const event of events) {
    const expected = event.revision === 0 ? 'no-stream' : event.revision - 1;
    await store.append(event.stream, expected, [event as unknown as NewEvent]);
  }
  // As one file: what was appended last may still stand in the write-ahead log beside it.
  await store.backupTo(join(directory, 'whole.sqlite'));
  await store.close();
  original = readFileSync(join(directory, 'whole.sqlite'));
  exported = await exportOf(directory);
}, TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Everything that the store can be asked for: the whole log, and each stream alone. */
async function exportOf(folder: string): Promise<string> {
  const store = await SqliteEventStore.open({ directory: folder, mode: 'read' });
  try {
    const lines: string[] = [];
    const streams = new Set(
      complaintHistory({ events: STREAMS, streams: STREAMS }).map(({ stream }) => stream),
    );
    for await (const page of store.readAll()) lines.push(...page.map(lineOf));
    for (const stream of streams) {
      lines.push(...(await store.readStream(stream)).map(lineOf));
      lines.push(...(await store.readStream(stream, { direction: 'backwards' })).map(lineOf));
    }
    return lines.join('\n');
  } finally {
    await store.close();
  }
}

function lineOf(event: StoredEvent): string {
  return JSON.stringify(event);
}

/** What `redress ledger verify` does with a store: leaves, order, and what the database says itself. */
async function isPassed(folder: string, signed: PublicLedger): Promise<boolean> {
  const store = await SqliteEventStore.open({ directory: folder, mode: 'read' });
  try {
    const events: AsyncIterable<readonly EventRecord[]> = store.readAll();
    const { ok } = await verifyEvents(events, signed, { policy: ledger.policy });
    return ok && (await store.integrity()).length === 0;
  } finally {
    await store.close();
  }
}

async function outcomeOf(folder: string): Promise<'found' | 'harmless' | 'missed'> {
  try {
    if (!(await isPassed(folder, ledger))) return 'found';
  } catch (error) {
    // What cannot be read is found, by a typed error; any other one would be a fault of ours.
    return error instanceof Error && 'code' in error ? 'found' : 'missed';
  }
  return (await exportOf(folder)) === exported ? 'harmless' : 'missed';
}

describe('random bytes of the database that change', () => {
  it(
    'are found, or change nothing that can be read',
    async () => {
      const counts = { found: 0, harmless: 0, missed: 0 };
      const missed: number[] = [];
      let state = 77;
      const random = (below: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      expect(await outcomeOf(directory)).toBe('harmless');
      for (let flips = 0; flips < FLIPS; flips += 1) {
        const folder = mkdtempSync(join(directory, 'flip-'));
        const bytes = Buffer.from(original);
        const place = random(bytes.length);
        bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
        writeFileSync(join(folder, 'log.sqlite'), bytes);
        const outcome = await outcomeOf(folder);
        if (flips < 0) expect(outcome).toBe('harmless');
        counts[outcome] += 1;
        if (outcome === 'missed') missed.push(place);
        rmSync(folder, { recursive: true, force: true });
      }
      process.stdout.write(
        `tamper: ${FLIPS} bytes of a database of ${original.length} flipped: ${JSON.stringify(counts)}\n`,
      );
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
