import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  fullPack,
  otherByte,
  printTampering,
  randomNumbers,
  samplePackZip,
  TAMPERS_FULLY,
  type FullPack,
} from '#testing/evidence';
import { utf8 } from '../bytes.js';
import { trustedCheckpoint } from '../ledger/trust.js';
import { FaultList, type Fault } from '../verdict.js';
import { manifestText } from './bag.js';
import { chronologyHtml, type ChronologyEvent } from './chronology.js';
import { PACK_PATHS, parsePackPath, parseScope } from './pack-format.js';
import { inspectStoredZip, storedZip } from './stored-zip.js';
import {
  verifyEarlier,
  verifyTimeNotes,
  type Anchored,
  type ProvedRoots,
} from './verify-earlier.js';
import { contentOf, provedLeaf, verifyPackEvents, type EventsUnderProof } from './verify-events.js';
import { comparePage, verifyDocuments, verifyPack } from './verify-pack.js';

// The tamper suite for what a pack says, where whoever changes it repairs the zip, the manifests and
// every sum. Each byte of the files of a pack of a thousand events is judged by the function of the
// verifier that judges that file; that the whole verification says the same first is tested with each
// byte of a small pack, and with samples of the large one.

const EVENTS = 1_000;
const SMALL_EVENTS = 4;
/** Revisions, bytes of the page, and bytes of the small pack: every one, or one of so many. */
const [REVISION_STEP, PAGE_STEP, SMALL_STEP] = TAMPERS_FULLY ? [1, 1, 1] : [8, 16, 8];
const WHOLE_SAMPLES = TAMPERS_FULLY ? 60 : 12;
const TIMEOUT_MS = 3_600_000;

type Opened = FullPack & {
  /** Files of the bag by their path within it, those of the tags too, in order. */
  readonly bag: Map<string, Uint8Array>;
  readonly events: readonly ChronologyEvent[];
  readonly pack: EventsUnderProof;
  readonly anchored: Anchored;
  readonly roots: ProvedRoots;
  readonly page: Uint8Array;
};

async function opened(count: number): Promise<Opened> {
  const full = await fullPack(count);
  const laid = inspectStoredZip(samplePackZip(full.files)).files;
  const bag = new Map(laid.map(({ path, bytes }) => [withoutTop(path), bytes]));
  const { note, policy } = full.ledger;
  const trusted = trustedCheckpoint(note, policy);
  if (!trusted.ok) throw new Error('the sample is not trusted');
  const scope = parseScope(bag.get(PACK_PATHS.scope) ?? new Uint8Array());
  const faults = new FaultList();
  const pack = { files: bag, scope, trusted, withheld: new Set(scope.withheld) };
  const events = verifyPackEvents(pack, faults);
  const anchored = { files: bag, policy, trusted };
  const roots = verifyEarlier(anchored, faults);
  expect(faults.faults).toEqual([]);
  const page = utf8(chronologyHtml({ ...scope, events }));
  return { ...full, bag, events, pack, anchored, roots, page };
}

function withoutTop(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

/** What the verifier's own function for this file finds; undefined for files that have none. */
function faultsOf(of: Opened, path: string): readonly Fault[] | undefined {
  const parsed = parsePackPath(path);
  const faults = new FaultList();
  const bytes = of.bag.get(path) ?? new Uint8Array();
  switch (parsed?.kind) {
    case 'event': {
      const { revision } = parsed as { readonly revision: number };
      contentOf(of.pack, { revision, leaf: of.events[revision]?.leaf }, faults);
      return faults.faults;
    }
    case 'proof':
      provedLeaf(of.pack, (parsed as { readonly revision: number }).revision, faults);
      return faults.faults;
    case 'checkpoint': {
      const trusted = trustedCheckpoint(bytes, of.ledger.policy);
      return trusted.ok ? [] : [{ what: trusted.what, index: null, reason: trusted.reason, path }];
    }
    case 'earlier-checkpoint':
    case 'earlier-consistency':
      verifyEarlier(of.anchored, faults);
      return faults.faults;
    case 'time-note':
      verifyTimeNotes(of.anchored, of.roots, faults);
      return faults.faults;
    case 'document':
      verifyDocuments(of.bag, new Set(of.events.flatMap(({ leaf }) => leaf.documents)), faults);
      return faults.faults;
    case 'chronologyHtml':
      comparePage(bytes, of.page, faults);
      return faults.faults;
    default:
      return undefined;
  }
}

/** Whether the fault names the file, of an event its id and index too, of the page the very byte. */
function isLocated(of: Opened, fault: Fault, path: string, place: number): boolean {
  if (fault.path !== path) return false;
  const parsed = parsePackPath(path);
  if (parsed?.kind === 'chronologyHtml') return fault.index === place;
  if (parsed?.kind !== 'event' || !('revision' in parsed)) return true;
  const { id, index } = of.events[parsed.revision]?.leaf ?? {};
  return fault.eventId === id && fault.index === index;
}

/** Runs the work while the byte of the file is another one. */
function changed<Result>(of: Opened, path: string, place: number, work: () => Result): Result {
  const bytes = of.bag.get(path) ?? new Uint8Array();
  const before = bytes[place] ?? 0;
  bytes[place] = otherByte(before, place);
  try {
    return work();
  } finally {
    bytes[place] = before;
  }
}

/** The zip of the bag as it is now, with manifests that fit it. */
function repairedZip({ bag }: Opened): Uint8Array {
  const files = [...bag].map(([path, bytes]) => ({ path, bytes }));
  const manifest = utf8(manifestText(files.filter(({ path }) => path.startsWith('data/'))));
  const tags = [PACK_PATHS.readme, PACK_PATHS.bagInfo, PACK_PATHS.bagit];
  const tagManifest = manifestText([
    ...tags.map((path) => ({ path, bytes: bag.get(path) ?? new Uint8Array() })),
    { path: PACK_PATHS.manifest, bytes: manifest },
  ]);
  const repaired = new Map([
    [PACK_PATHS.manifest as string, manifest],
    [PACK_PATHS.tagManifest, utf8(tagManifest)],
  ]);
  return storedZip(
    files.map(({ path, bytes }) => ({
      path: `redress-C-1/${path}`,
      bytes: repaired.get(path) ?? bytes,
    })),
  );
}

type Outcome = 'found' | 'unsigned' | 'missed';

/** What verifying the whole pack says of a byte that changed, with all sums repaired. */
function outcomeOfAll(of: Opened, path: string, place: number): Outcome {
  return changed(of, path, place, () => {
    const { ok, faults, notProved } = verifyPack(repairedZip(of), { policy: of.ledger.policy });
    if (ok) return isUnsigned(of, path, place) && isTold(path, notProved) ? 'unsigned' : 'missed';
    const told = faultsOf(of, path);
    const [fault] = faults;
    if (!fault) return 'missed';
    // Whatever the scope says besides is held against all of the pack.
    if (!told) return fault.path !== undefined ? 'found' : 'missed';
    const isSame = JSON.stringify(told) === JSON.stringify([fault]);
    return isSame && isLocated(of, fault, path, place) ? 'found' : 'missed';
  });
}

/** What nobody signs: whoever hands on a pack can rewrite it, and the verdict says so. */
function isUnsigned({ bag }: Opened, path: string, place: number): boolean {
  const text = Buffer.from(bag.get(path) ?? []).toString('latin1');
  switch (parsePackPath(path)?.kind) {
    case 'readme':
    case 'chronologyPdf':
    case 'time-token':
      return true;
    case 'bagInfo':
      return place < text.lastIndexOf('\nPayload-Oxum:');
    case 'scope':
      return place > text.indexOf('"generator":') && place < text.indexOf(',"origin":');
    default:
      return false;
  }
}

function isTold(path: string, notProved: readonly string[]): boolean {
  const name = path.endsWith('.tsr') ? 'time tokens' : path.slice(path.lastIndexOf('/') + 1);
  return notProved.some((line) => line.includes(name));
}

let large: Opened;
let small: Opened;

beforeAll(async () => {
  // Nobody reads the stacks of a million refusals, and to gather them takes half of the time.
  Error.stackTraceLimit = 0;
  large = await opened(EVENTS);
  small = await opened(SMALL_EVENTS);
}, TIMEOUT_MS);

const MANIFESTS: readonly string[] = [PACK_PATHS.manifest, PACK_PATHS.tagManifest];

function stepOf(path: string): number {
  return path === PACK_PATHS.chronologyHtml ? PAGE_STEP : 1;
}

/** Files of the large pack whose bytes change: those of one revision of so many, and all others. */
function paths(): readonly string[] {
  return [...large.bag.keys()].filter((path) => {
    const parsed = parsePackPath(path);
    return !parsed || !('revision' in parsed) || parsed.revision % REVISION_STEP === 0;
  });
}

describe('what a pack of a thousand events says, where all sums are repaired', () => {
  it(
    'shows each byte that changes, and which file and event',
    () => {
      const missed: string[] = [];
      const nowhere: string[] = [];
      let flips = 0;
      for (const path of paths()) {
        if (faultsOf(large, path) === undefined) continue;
        const { length } = large.bag.get(path) ?? [];
        for (let place = 0; place < length; place += stepOf(path)) {
          const found = changed(large, path, place, () => faultsOf(large, path) ?? []);
          const [fault] = found;
          if (!fault) missed.push(`${path} ${place}`);
          else if (found.length > 1 || !isLocated(large, fault, path, place)) {
            nowhere.push(`${path} ${place}`);
          }
          flips += 1;
        }
      }
      printTampering(
        `${flips} bytes of files of a pack of ${EVENTS} events changed, all sums repaired: ${missed.length} missed, ${nowhere.length} not located`,
      );
      expect({ missed, nowhere }).toEqual({ missed: [], nowhere: [] });
      expect(flips).toBeGreaterThan(TAMPERS_FULLY ? 2_100_000 : 200_000);
    },
    TIMEOUT_MS,
  );

  it(
    'is judged file by file as in all: bytes of a small pack',
    () => {
      const counts: Record<Outcome, number> = { found: 0, unsigned: 0, missed: 0 };
      const missed: string[] = [];
      for (const [path, { length }] of small.bag) {
        if (MANIFESTS.includes(path)) continue;
        for (let place = path.length % SMALL_STEP; place < length; place += SMALL_STEP) {
          const outcome = outcomeOfAll(small, path, place);
          counts[outcome] += 1;
          if (outcome === 'missed') missed.push(`${path} ${place}`);
        }
      }
      printTampering(
        `bytes of files of a pack of ${SMALL_EVENTS} events changed, all sums repaired, all of it verified: ${JSON.stringify(counts)}`,
      );
      expect(missed).toEqual([]);
      expect(counts.found).toBeGreaterThan(10 * counts.unsigned);
    },
    TIMEOUT_MS,
  );

  it(
    'is judged file by file as in all: samples of the large pack',
    () => {
      const random = randomNumbers(6);
      const judged = [...large.bag.keys()].filter((path) => faultsOf(large, path) !== undefined);
      const others = judged.filter((path) => !/events|proofs/.test(path));
      const missed: string[] = [];
      for (let sample = 0; sample < WHOLE_SAMPLES; sample += 1) {
        const from = sample % 2 === 0 ? judged : others;
        const path = from[random(from.length)] ?? '';
        const place = random(large.bag.get(path)?.length ?? 0);
        if (outcomeOfAll(large, path, place) !== 'found') missed.push(`${path} ${place}`);
      }
      printTampering(
        `${WHOLE_SAMPLES} bytes of files of the large pack changed, all sums repaired, all of it verified: ${missed.length} missed or told otherwise`,
      );
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
