import { beforeAll, describe, expect, it } from '@jest/globals';
import { complaintHistory, signedLedger, type MemoryLedger } from '#testing/evidence';
import type { EventRecord, PublicLedger } from '../event-record.js';
import { verifyEvents, verifyLedger } from './verify-ledger.js';

const HISTORY = complaintHistory({ events: 2_000, streams: 500 });
const RUBBISH = 0xee;
let whole: MemoryLedger;

beforeAll(() => {
  whole = signedLedger({ events: HISTORY });
});

/** The ledger as one that is read at once, into a room in which nothing from before is left. */
function atOnce(ledger: MemoryLedger): PublicLedger & { readonly reads: string[] } {
  const reads: string[] = [];
  const readNow = (path: string, room: Uint8Array): Uint8Array | undefined => {
    reads.push(path);
    room.fill(RUBBISH);
    const bytes = ledger.files.get(path);
    if (!bytes || bytes.length >= room.length) return bytes;
    room.set(bytes);
    return room.subarray(0, bytes.length);
  };
  return { read: (path) => ledger.read(path), readNow, reads };
}

/** With a byte changed in each of these files. */
function changed(paths: readonly string[]): MemoryLedger {
  const ledger = whole.clone();
  for (const path of paths) {
    const bytes = ledger.files.get(path);
    if (!bytes) throw new Error(`no ${path}`);
    bytes[700] = (bytes[700] ?? 0) ^ 1;
  }
  return ledger;
}

async function* pagesOf(events: readonly EventRecord[]): AsyncGenerator<readonly EventRecord[]> {
  yield* [events.slice(0, 900), events.slice(900)];
}

const CHANGES: readonly (readonly string[])[] = [
  [],
  ['tile/entries/001'],
  ['tile/0/002'],
  ['tile/entries/001', 'tile/entries/002', 'tile/0/003', 'tile/0/004', 'tile/entries/005'],
];

describe('reading a ledger at once into the same room', () => {
  it.each(CHANGES.map((paths) => ({ paths })))('finds the same with $paths changed', async (of) => {
    const ledger = changed(of.paths);
    const { policy } = ledger;
    const quick = atOnce(ledger);
    const expected = await verifyLedger(ledger, { policy });
    expect(await verifyLedger(quick, { policy })).toEqual(expected);
    expect(expected.ok).toBe(of.paths.length === 0);
    expect(quick.reads).toContain('tile/entries/001');
  });

  it.each(CHANGES.map((paths) => ({ paths })))(
    'finds the same beside a store with $paths changed',
    async (of) => {
      const ledger = changed(of.paths);
      const { policy } = ledger;
      // Two changed, one taken away, and one moved over more than a bundle.
      const events = HISTORY.map((event, at) =>
        at === 400 || at === 1_300 ? { ...event, data: '{}' } : event,
      );
      const [moved] = events.splice(300, 1);
      if (moved) events.splice(800, 0, moved);
      events.splice(1_000, 1);
      const expected = await verifyEvents(pagesOf(events), ledger, { policy });
      const found = await verifyEvents(pagesOf(events), atOnce(ledger), { policy });
      expect(found).toEqual(expected);
      expect(found.ok).toBe(false);
    },
  );
});
