import { describe, expect, it } from '@jest/globals';
import { verifyEvents, verifyLedger, verifyPack, type EventRecord } from '#evidence';
import {
  formatTlogProof,
  formatVerifierKey,
  leafHash,
  parsePolicy,
  parseTlogProof,
  proveInclusion,
  verifyTlogProof,
} from '#merkle';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  testSigner,
  type MemoryLedger,
} from '#testing/evidence';
import { leafEntryOf } from '#evidence';

// The tamper suite for a log and its store. What is found is counted and printed; what is not found
// must be proved harmless, or the suite fails.

const IS_FULL = process.env['TAMPER'] === 'full';
const FLIPS = IS_FULL ? 7_500 : 1_500;
const CLEAN_PACKS = IS_FULL ? 1_000 : 200;
const REWRITES = 100;
const TIMEOUT_MS = 1_800_000;

const EVENTS = complaintHistory({ events: 300, streams: 40 });
const LEDGER = signedLedger({ events: EVENTS });

/** Whole numbers below a bound, the same ones in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function flip(bytes: Uint8Array, random: (below: number) => number): number {
  const place = random(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
  return place;
}

async function* pages(events: readonly EventRecord[]): AsyncGenerator<readonly EventRecord[]> {
  for (let at = 0; at < events.length; at += 70) yield events.slice(at, at + 70);
}

const verifyStore = (events: readonly EventRecord[], ledger: MemoryLedger = LEDGER) =>
  verifyEvents(pages(events), ledger, { policy: LEDGER.policy });

describe('bytes of a ledger that change', () => {
  it(
    'are found in tiles, entries and checkpoint, and the file is named',
    async () => {
      const random = randomNumbers(1);
      const missed: string[] = [];
      const misplaced: string[] = [];
      for (let flips = 0; flips < FLIPS; flips += 1) {
        const paths = [...LEDGER.files.keys()];
        const path = paths[random(paths.length)] ?? '';
        const ledger = LEDGER.clone();
        const place = flip(ledger.files.get(path) ?? new Uint8Array(), random);
        const { ok, faults } = await verifyLedger(ledger, { policy: LEDGER.policy });
        if (ok) missed.push(`${path} ${place}`);
        const isEntries = path.startsWith('tile/entries/');
        const isNamed = faults.some(
          (fault) => fault.path === path || (isEntries && fault.what === 'leaf'),
        );
        if (!isNamed) misplaced.push(`${path} ${place}`);
      }
      process.stdout.write(`tamper: ${FLIPS} bytes of a ledger flipped: ${missed.length} missed\n`);
      expect({ missed, misplaced }).toEqual({ missed: [], misplaced: [] });
    },
    TIMEOUT_MS,
  );

  it(
    'are found in a proof file',
    async () => {
      const random = randomNumbers(2);
      const origin = testSigner().name;
      const missed: number[] = [];
      for (let flips = 0; flips < FLIPS; flips += 1) {
        const index = random(EVENTS.length);
        const event = EVENTS[index] ?? never();
        const entry = leafEntryOf(event, { origin, index });
        const proof = await proveInclusion(LEDGER, BigInt(index), BigInt(EVENTS.length));
        const file = { index: BigInt(index), proof, checkpoint: LEDGER.note };
        const bytes = Buffer.from(formatTlogProof(file));
        const place = flip(bytes, random);
        try {
          verifyTlogProof(parseTlogProof(bytes), leafHash(entry), LEDGER.policy);
          missed.push(place);
        } catch (error) {
          expect(error).toMatchObject({ name: 'MerkleError' });
        }
      }
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'are found in a policy, or change nothing that it says',
    async () => {
      const random = randomNumbers(3);
      const [log] = LEDGER.policy.logs;
      const text = `# whom we trust\nlog ${formatVerifierKey(log?.key ?? never())}\nquorum none\n`;
      const said = parsePolicy(text);
      const counts = { found: 0, harmless: 0, missed: 0 };
      for (let flips = 0; flips < 500; flips += 1) {
        const bytes = Buffer.from(text);
        flip(bytes, random);
        const outcome = await policyOutcome(bytes.toString('latin1'), said);
        counts[outcome] += 1;
      }
      process.stdout.write(`tamper: 500 bytes of a policy flipped: ${JSON.stringify(counts)}\n`);
      expect(counts.missed).toBe(0);
    },
    TIMEOUT_MS,
  );
});

async function policyOutcome(
  text: string,
  said: ReturnType<typeof parsePolicy>,
): Promise<'found' | 'harmless' | 'missed'> {
  try {
    const policy = parsePolicy(text);
    const { ok } = await verifyLedger(LEDGER, { policy });
    if (!ok) return 'found';
    expect(policy).toEqual(said);
    return 'harmless';
  } catch (error) {
    const isRefused =
      error instanceof Error && ['MerkleError', 'EvidenceError'].includes(error.name);
    return isRefused ? 'found' : 'missed';
  }
}

type Tampering = (events: EventRecord[], random: (below: number) => number) => readonly string[];

/** Each changes a copy of the events, and answers the ids that a verifier must name, one of them. */
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
  'change of a byte of data': (events, random) => {
    const at = random(events.length);
    const event = events[at] ?? never();
    events[at] = {
      ...event,
      data: event.data.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)),
    };
    return event.data === events[at].data ? [] : [event.id];
  },
};

function twoOf(
  events: readonly EventRecord[],
  random: (below: number) => number,
): [number, number] {
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
      let rounds = 0;
      for (; rounds < 40; rounds += 1) {
        const events = [...EVENTS];
        const ids = tamper(events, random);
        if (ids.length === 0) continue;
        const { ok, faults } = await verifyStore(events);
        const isNamed = faults.some(
          ({ eventId }) => eventId !== undefined && ids.includes(eventId),
        );
        if (ok || !isNamed) missed.push(`${ids.join()} ${JSON.stringify(faults.slice(0, 2))}`);
      }
      expect(missed).toEqual([]);
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

describe('a log that is rewritten as a whole, with the genuine key', () => {
  it(
    'is not found out alone, and always by one old checkpoint',
    async () => {
      const random = randomNumbers(9);
      const counts = { alone: 0, withOneKept: 0 };
      for (let round = 0; round < REWRITES; round += 1) {
        const size = 20 + random(200);
        const now = signedLedger({
          events: complaintHistory({ events: size, streams: 5, seed: `r${round}` }),
        });
        const then = signedLedger({ events: EVENTS.slice(0, 1 + random(size)) });
        const { policy } = LEDGER;
        if (!(await verifyLedger(now, { policy })).ok) counts.alone += 1;
        const { faults } = await verifyLedger(now, { policy, kept: [then.note] });
        if (faults.some(({ what }) => what === 'kept')) counts.withOneKept += 1;
      }
      process.stdout.write(
        `tamper: ${REWRITES} rewrites with the key: ${JSON.stringify(counts)}\n`,
      );
      expect(counts).toEqual({ alone: 0, withOneKept: REWRITES });
    },
    TIMEOUT_MS,
  );
});

describe('clean packs', () => {
  it(
    'raise no alarm',
    async () => {
      const random = randomNumbers(11);
      const alarms: string[] = [];
      for (let round = 0; round < CLEAN_PACKS; round += 1) {
        const events = complaintHistory({
          events: 5 + random(50),
          streams: 1 + random(6),
          seed: `p${round}`,
        });
        const ledger = signedLedger({ events });
        const younger = signedLedger({ events: events.slice(0, 1 + random(events.length - 1)) });
        const { stream } = events[random(events.length)] ?? never();
        const withheld = random(3) === 0 ? [0] : [];
        const earlier = [younger];
        const files = await samplePackFiles({ ledger, events, stream, earlier, withheld });
        const kept = [younger.note];
        const { ok, faults } = verifyPack(samplePackZip(files), { policy: ledger.policy, kept });
        if (!ok) alarms.push(`${round}: ${JSON.stringify(faults[0])}`);
      }
      process.stdout.write(`tamper: ${CLEAN_PACKS} clean packs, ${alarms.length} false alarms\n`);
      expect(alarms).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

function never(): never {
  throw new Error('there is no such event');
}
