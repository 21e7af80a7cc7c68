import { describe, expect, it } from '@jest/globals';
import { verifyEvents, verifyLedger, type EventRecord } from '#evidence';
import { decodeEntries, HASH_SIZE_BYTES } from '#merkle';
import {
  complaintHistory,
  printTampering,
  randomNumbers,
  signedLedger,
  TAMPERS_FULLY,
  type MemoryLedger,
} from '#testing/evidence';

// The tamper suite for events and leaves as wholes: swapped, deleted, added, doubled, moved, cut off,
// put back to what they were, forked, and rewritten with the genuine key.

const ROUNDS = TAMPERS_FULLY ? 200 : 40;
const REWRITES = 100;
const TIMEOUT_MS = 3_600_000;

const EVENTS = complaintHistory({ events: 300, streams: 40 });
const LEDGER = signedLedger({ events: EVENTS });
const { policy } = LEDGER;

type Random = (below: number) => number;

async function* pages(events: readonly EventRecord[]): AsyncGenerator<readonly EventRecord[]> {
  for (let at = 0; at < events.length; at += 70) yield events.slice(at, at + 70);
}

const verifyStore = (
  events: readonly EventRecord[],
  ledger: MemoryLedger = LEDGER,
  kept: readonly string[] = [],
) => verifyEvents(pages(events), ledger, { policy, kept });

/** Each changes a copy of the events, and answers the ids that a verifier must name, one of them. */
type Tampering = (events: EventRecord[], random: Random) => readonly string[];

const TAMPERINGS: Readonly<Record<string, Tampering>> = {
  'swap of two': (events, random) => {
    const [a, b] = twoOf(events, random);
    [events[a], events[b]] = [events[b] ?? never(), events[a] ?? never()];
    return idsAt(events, a, b);
  },
  deletion: (events, random) => events.splice(random(events.length), 1).map(({ id }) => id),
  insertion: (events, random) => {
    const [added = never()] = complaintHistory({ events: 1, streams: 1, seed: `x${random(1e6)}` });
    events.splice(random(events.length), 0, added);
    return [added.id];
  },
  duplication: (events, random) => {
    const at = random(events.length - 1);
    events.splice(random(events.length - 1), 0, events[at] ?? never());
    return idsAt(events, at, at + 1);
  },
  'move to another place': (events, random) => {
    const [a, b] = twoOf(events, random);
    const [moved = never()] = events.splice(a, 1);
    const before = events.slice();
    events.splice(b, 0, moved);
    return [moved.id, before[Math.min(a, b)]?.id ?? '', before[Math.max(a, b) - 1]?.id ?? ''];
  },
  'cut at the end': (events, random) => {
    const [first = never()] = events.splice(1 + random(events.length - 2));
    return [first.id];
  },
  'swap of payloads': (events, random) => {
    const [a, b] = twoOf(events, random);
    const [one, two] = [events[a] ?? never(), events[b] ?? never()];
    events[a] = { ...one, data: two.data };
    events[b] = { ...two, data: one.data };
    return [one.id];
  },
  // What a field holds, in clear or enciphered, is bytes of the payload that the leaf binds.
  'swap of one field between two': (events, random) => {
    const [a, b] = twoOf(events, random);
    const [one, two] = [events[a] ?? never(), events[b] ?? never()];
    const [field, other] = [FIELD.exec(one.data)?.[0], FIELD.exec(two.data)?.[0]];
    if (field === undefined || other === undefined) return [];
    events[a] = { ...one, data: one.data.replace(field, () => other) };
    events[b] = { ...two, data: two.data.replace(other, () => field) };
    return [one.id];
  },
  'change of a byte of data': (events, random) => {
    const at = random(events.length);
    const event = events[at] ?? never();
    const data = event.data.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    events[at] = { ...event, data };
    return event.data === data ? [] : [event.id];
  },
};

const FIELD = /"narrative":"[^"]*"/;

function twoOf(events: readonly EventRecord[], random: Random): [number, number] {
  const a = random(events.length);
  const b = (a + 1 + random(events.length - 1)) % events.length;
  return [a, b];
}

function idsAt(events: readonly EventRecord[], ...places: readonly number[]): readonly string[] {
  return places.map((place) => events[place]?.id ?? '');
}

describe('events of a store that change', () => {
  it('are found whole as they are, and those beyond the checkpoint counted', async () => {
    const later = complaintHistory({ events: 310, streams: 40 });
    expect(await verifyStore(EVENTS)).toMatchObject({ ok: true, checked: 300, notYetSigned: 0 });
    expect(await verifyStore(later)).toMatchObject({ ok: true, checked: 300, notYetSigned: 10 });
  });

  it.each(Object.entries(TAMPERINGS))(
    'are found after a %s, and named',
    async (name, tamper) => {
      const random = randomNumbers(name.length);
      const missed: string[] = [];
      let changes = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const events = [...EVENTS];
        const ids = tamper(events, random);
        if (ids.length === 0) continue;
        changes += 1;
        const { ok, faults } = await verifyStore(events);
        const isNamed = faults.some(
          ({ eventId }) => eventId !== undefined && ids.includes(eventId),
        );
        if (ok || !isNamed) missed.push(`${ids.join()} ${JSON.stringify(faults.slice(0, 2))}`);
      }
      printTampering(`${changes} times ${name}: ${missed.length} missed or not named`);
      expect(missed).toEqual([]);
      expect(changes).toBeGreaterThan(ROUNDS / 2);
    },
    TIMEOUT_MS,
  );

  it('are told apart: one swap is two moves, one deletion one missing event', async () => {
    const swapped = [...EVENTS];
    [swapped[10], swapped[200]] = [swapped[200] ?? never(), swapped[10] ?? never()];
    expect((await verifyStore(swapped)).faults).toMatchObject([
      { index: 10, eventId: EVENTS[10]?.id, reason: expect.stringContaining('moved') },
      { index: 200, eventId: EVENTS[200]?.id, reason: expect.stringContaining('moved') },
    ]);
    const deleted = EVENTS.filter((_, index) => index < 100 || index > 102);
    expect((await verifyStore(deleted)).faults).toMatchObject([
      {
        index: 100,
        eventId: EVENTS[100]?.id,
        reason: expect.stringContaining('2 events after it'),
      },
    ]);
  });
});

/** Parts of a file of which each is as long as any other, or an entry. */
type Parts = Uint8Array[];

/** Each changes the parts, and answers from which of them on the file is another one. */
const OF_PARTS: Readonly<Record<string, (parts: Parts, random: Random) => number>> = {
  swap: (parts, random) => {
    const a = random(parts.length);
    const b = (a + 1 + random(parts.length - 1)) % parts.length;
    [parts[a], parts[b]] = [parts[b] ?? never(), parts[a] ?? never()];
    return Math.min(a, b);
  },
  deletion: (parts, random) => {
    const at = random(parts.length);
    parts.splice(at, 1);
    return at;
  },
  insertion: (parts, random) => {
    const at = random(parts.length);
    parts.splice(at, 0, new Uint8Array(parts[at]?.length ?? 0).fill(7));
    return at;
  },
  duplication: (parts, random) => {
    const at = random(parts.length);
    parts.splice(at, 0, parts[at] ?? never());
    return at;
  },
  reversal: (parts) => {
    parts.reverse();
    return 0;
  },
  cut: (parts, random) => {
    const at = random(parts.length);
    parts.length = at;
    return at;
  },
};

const PARTED = /^tile\/(?:0|entries)\//;

function partsOf(path: string, bytes: Uint8Array): Parts {
  if (path.startsWith('tile/entries/')) return [...decodeEntries(bytes)];
  const count = bytes.length / HASH_SIZE_BYTES;
  return Array.from({ length: count }, (_, at) =>
    bytes.slice(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES),
  );
}

/** Not by `encodeEntries`: it writes no bundle that holds none or too many. */
function joined(path: string, parts: Parts): Uint8Array {
  if (!path.startsWith('tile/entries/')) return Buffer.concat(parts);
  const length = ({ length: size }: Uint8Array): Buffer => Buffer.from([size >> 8, size & 255]);
  return Buffer.concat(parts.flatMap((entry) => [length(entry), entry]));
}

describe('leaves of a ledger that change', () => {
  it.each(Object.entries(OF_PARTS))(
    'are found after a %s of hashes in a tile, or of entries in a bundle',
    async (name, tamper) => {
      const random = randomNumbers(name.length);
      const paths = [...LEDGER.files.keys()].filter((path) => PARTED.test(path));
      const missed: string[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const path = paths[round % paths.length] ?? never();
        const ledger = LEDGER.clone();
        const parts = partsOf(path, ledger.files.get(path) ?? never());
        const first = tamper(parts, random) + (path.includes('/000') ? 0 : 256);
        ledger.files.set(path, joined(path, parts));
        const { ok, faults } = await verifyLedger(ledger, { policy });
        const isNamed = faults.some((fault) => fault.path === path || fault.index === first);
        if (ok || !isNamed) missed.push(`${path} ${first} ${JSON.stringify(faults.slice(0, 2))}`);
      }
      printTampering(`${ROUNDS} times ${name} of leaves: ${missed.length} missed or not named`);
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('are found where a file is taken away, or has the content of another one', async () => {
    const { files } = LEDGER;
    const missed: string[] = [];
    for (const path of files.keys()) {
      for (const other of [undefined, ...files.keys()]) {
        if (other === path) continue;
        const ledger = LEDGER.clone();
        if (other === undefined) ledger.files.delete(path);
        else ledger.files.set(path, files.get(other) ?? never());
        const { ok, faults } = await verifyLedger(ledger, { policy });
        if (ok || !faults.some((fault) => fault.path === path)) missed.push(`${path} as ${other}`);
      }
    }
    expect(missed).toEqual([]);
  });
});

type Rewrite = {
  /** What stands there now, and is sound in itself. */
  readonly events: readonly EventRecord[];
  /** Which part of the true log the checkpoint is of that somebody kept. */
  readonly keptSize: number;
};

/** Each makes another history, to be signed with the genuine key. */
const REWRITINGS: Readonly<Record<string, (round: number, random: Random) => Rewrite>> = {
  'rewritten as a whole': (round, random) => {
    const size = 20 + random(200);
    const events = complaintHistory({ events: size, streams: 5, seed: `r${round}` });
    return { events, keptSize: 1 + random(size) };
  },
  'put back to what it was': (_, random) => {
    const size = 20 + random(200);
    return { events: EVENTS.slice(0, size), keptSize: size + 1 + random(EVENTS.length - size) };
  },
  'forked from some event on': (round, random) => {
    const [fork, more] = [random(200), 1 + random(50)];
    const others = complaintHistory({ events: more, streams: 5, seed: `f${round}` });
    return { events: [...EVENTS.slice(0, fork), ...others], keptSize: fork + 1 + random(50) };
  },
};

describe('a log with its store, signed anew with the genuine key', () => {
  it.each(Object.entries(REWRITINGS))(
    '%s, is not found out alone, and always by one old checkpoint',
    async (name, rewrite) => {
      const random = randomNumbers(9);
      const counts = { alone: 0, storeAlone: 0, withOneKept: 0, storeWithOneKept: 0 };
      for (let round = 0; round < REWRITES; round += 1) {
        const { events, keptSize } = rewrite(round, random);
        const now = signedLedger({ events });
        const kept = [signedLedger({ events: EVENTS.slice(0, keptSize) }).note];
        if (!(await verifyLedger(now, { policy })).ok) counts.alone += 1;
        if (!(await verifyStore(events, now)).ok) counts.storeAlone += 1;
        const ledger = await verifyLedger(now, { policy, kept });
        if (isFoundByKept(ledger, keptSize)) counts.withOneKept += 1;
        const store = await verifyStore(events, now, kept);
        if (isFoundByKept(store, keptSize)) counts.storeWithOneKept += 1;
      }
      printTampering(`${REWRITES} logs ${name}, with the key: ${JSON.stringify(counts)} found`);
      const all = { withOneKept: REWRITES, storeWithOneKept: REWRITES };
      expect(counts).toEqual({ alone: 0, storeAlone: 0, ...all });
    },
    TIMEOUT_MS,
  );

  it('is found by the ledger where only the store was put back', async () => {
    expect((await verifyStore(EVENTS.slice(0, 250))).faults).toMatchObject([
      { what: 'event', index: 250, eventId: EVENTS[250]?.id },
    ]);
  });
});

function isFoundByKept(
  { ok, faults }: Awaited<ReturnType<typeof verifyLedger>>,
  size: number,
): boolean {
  return !ok && faults.some(({ what, index }) => what === 'kept' && index === size);
}

function never(): never {
  throw new Error('there is no such thing');
}
