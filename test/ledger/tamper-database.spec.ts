import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault, Verdict } from '#evidence';
import { SqliteEventStore } from '#event-store/sqlite';
import type { NewEvent, StoredEvent } from '#kernel';
import {
  changeByte,
  complaintHistory,
  printTampering,
  randomNumbers,
  signedLedger,
  TAMPERS_FULLY,
} from '#testing/evidence';
import { verifyStore, withLogOf } from '../../apps/cli/verifying/verify-store.js';

// Random bytes of the database's file, verified as `redress ledger verify` does it. A change that it
// passes must be proved harmless: the log read as a whole, and every stream read alone, either way,
// are byte for byte what they were.

const CHANGES = TAMPERS_FULLY ? 2_500 : 500;
const EVENTS = complaintHistory({ events: 200, streams: 25 });
const LEDGER = signedLedger({ events: EVENTS });
const TIMEOUT_MS = 3_600_000;

let directory: string;
let original: Buffer;
let exported: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'redress-tamper-'));
  const store = await SqliteEventStore.open({ directory, mode: 'write' });
  for (const event of EVENTS) {
    const expected = event.revision === 0 ? 'no-stream' : event.revision - 1;
    await store.append(event.stream, expected, [event as unknown as NewEvent]);
  }
  // As one file: what was appended last may still stand in the write-ahead log beside it.
  await store.backupTo(join(directory, 'whole.sqlite'));
  await store.close();
  original = readFileSync(join(directory, 'whole.sqlite'));
  exported = await exportOf(directory);
  for (const [path, bytes] of LEDGER.files) {
    const file = join(directory, 'ledger', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}, TIMEOUT_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Everything that the store can be asked for: the whole log, and each stream alone. */
async function exportOf(folder: string): Promise<string> {
  const store = await SqliteEventStore.open({ directory: folder, mode: 'read' });
  try {
    const lines: string[] = [];
    for await (const page of store.readAll()) lines.push(...page.map(lineOf));
    for (const stream of new Set(EVENTS.map((event) => event.stream))) {
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

function verdictOn(folder: string): Promise<Verdict> {
  const { policy } = LEDGER;
  return verifyStore((work) => withLogOf(folder, work), join(directory, 'ledger'), { policy });
}

type Outcome = 'event' | 'file' | 'harmless' | 'missed';

/** Of what is found, whether the event is named or the file with what SQLite says of its pages. */
async function outcomeOf(folder: string, place: number): Promise<Outcome> {
  const { ok, faults } = await verdictOn(folder);
  if (ok) return (await exportOf(folder)) === exported ? 'harmless' : 'missed';
  if (faults.some(({ eventId }) => eventId !== undefined && eventId === eventAt(place))) {
    return 'event';
  }
  return faults.some(isNamed) ? 'file' : 'missed';
}

function isNamed({ path, eventId, index }: Fault): boolean {
  return path === 'log.sqlite' || eventId !== undefined || index !== null;
}

/** The event whose data or metadata the byte is of, unless SQLite left a copy of them elsewhere. */
function eventAt(place: number): string | undefined {
  return EVENTS.find(({ data, metadata }) =>
    [data, metadata].some((text) => {
      const start = original.indexOf(text);
      const isOnlyOne = original.lastIndexOf(text) === start;
      return isOnlyOne && place >= start && place < start + Buffer.byteLength(text);
    }),
  )?.id;
}

describe('random bytes of the database that change', () => {
  it(
    'are found and located, or change nothing that can be read',
    async () => {
      const counts: Record<Outcome, number> = { event: 0, file: 0, harmless: 0, missed: 0 };
      const missed: string[] = [];
      const random = randomNumbers(77);
      expect(await verdictOn(directory)).toMatchObject({ ok: true, checked: EVENTS.length });
      for (let changes = 0; changes < CHANGES; changes += 1) {
        const folder = mkdtempSync(join(directory, 'change-'));
        const bytes = Buffer.from(original);
        const place = changeByte(bytes, random);
        writeFileSync(join(folder, 'log.sqlite'), bytes);
        const outcome = await outcomeOf(folder, place).catch((error: unknown) => {
          missed.push(`${place}: ${String(error)}`);
          return 'missed' as const;
        });
        counts[outcome] += 1;
        const isOfEvent = eventAt(place) !== undefined;
        if (outcome === 'missed' || (isOfEvent && outcome !== 'event')) {
          missed.push(`${place}: ${outcome}`);
        }
        rmSync(folder, { recursive: true, force: true });
      }
      printTampering(
        `${CHANGES} bytes of a database of ${original.length} changed: ${JSON.stringify(counts)}`,
      );
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
