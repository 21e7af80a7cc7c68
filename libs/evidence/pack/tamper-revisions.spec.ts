import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  complaintHistory,
  samplePackFiles,
  samplePackZip,
  signedLedger,
  type MemoryLedger,
} from '#testing/evidence';
import { trustedCheckpoint } from '../ledger/trust.js';
import { FaultList } from '../verdict.js';
import { eventPath, PACK_PATHS, parseScope, proofPath } from './pack-format.js';
import { inspectStoredZip, storedZip, type PackFile } from './stored-zip.js';
import { verifyRevision, type EventsUnderProof } from './verify-events.js';
import { verifyPack } from './verify-pack.js';

// The tamper suite for a pack of a thousand events. A flip is checked by the very functions that check
// a whole pack, on the part that it falls into; a sample is checked by verifying the whole pack.

/** `TAMPER=full` takes every byte and every bit pattern of the counts below; it takes some minutes. */
const IS_FULL = process.env['TAMPER'] === 'full';
const EVENTS = 1_000;
/** Every byte of each revision; by default of every fortieth one. */
const REVISION_STEP = IS_FULL ? 1 : 40;
const WHOLE_SAMPLES = IS_FULL ? 10_000 : 40;
/** So that a suite that flips next to nothing is no success. */
const FLIPS_MIN = IS_FULL ? 1_000_000 : 30_000;
const TIMEOUT_MS = 1_800_000;

const history = complaintHistory({ events: EVENTS, streams: 1 });
let ledger: MemoryLedger;
let files: readonly PackFile[];
let zip: Uint8Array;

beforeAll(async () => {
  ledger = signedLedger({ events: history });
  const earlier = [signedLedger({ events: history.slice(0, 700) })];
  const stream = history[0]?.stream ?? '';
  files = await samplePackFiles({ ledger, events: history, stream, earlier, withheld: [17] });
  zip = samplePackZip(files);
}, TIMEOUT_MS);

/** One of the 255 other values, another one at every place. */
const other = (byte: number, at: number): number => byte ^ (1 + ((at * 131) % 255));

function underProof(changed: ReadonlyMap<string, Uint8Array>): EventsUnderProof {
  const scope = parseScope(changed.get(PACK_PATHS.scope) ?? new Uint8Array());
  const trusted = trustedCheckpoint(ledger.note, ledger.policy);
  if (!trusted.ok) throw new Error('the sample is not trusted');
  return { files: changed, scope, trusted, withheld: new Set(scope.withheld) };
}

describe('a pack of a thousand events', () => {
  it('is found whole as it is', () => {
    expect(verifyPack(zip, { policy: ledger.policy })).toMatchObject({
      ok: true,
      checked: EVENTS,
      withheld: [17],
    });
  }, 60_000);

  it(
    'shows any byte that changes in zip headers, contents and directory, and the file',
    () => {
      const missed: string[] = [];
      let flips = 0;
      for (const [at, { path, bytes }] of files.entries()) {
        // The page is a single large file: its bytes are in the sample below.
        if (path === PACK_PATHS.chronologyHtml || (at % REVISION_STEP > 0 && at < 1_990)) continue;
        const alone = storedZip([{ path, bytes }]);
        for (let place = 0; place < alone.length; place += 1) {
          const before = alone[place] ?? 0;
          alone[place] = other(before, place);
          const [fault] = inspectStoredZip(alone).faults;
          if (!fault) missed.push(`${path} ${place}`);
          alone[place] = before;
          flips += 1;
        }
      }
      process.stdout.write(`tamper: ${flips} bytes of a zip flipped, ${missed.length} missed\n`);
      expect(missed).toEqual([]);
      expect(flips).toBeGreaterThan(FLIPS_MIN);
    },
    TIMEOUT_MS,
  );

  it(
    'shows any byte that changes in events and proofs, though zip and manifests are repaired',
    () => {
      const map = new Map(files.map(({ path, bytes }) => [path, bytes]));
      const pack = underProof(map);
      const missed: string[] = [];
      const misplaced: string[] = [];
      let flips = 0;
      for (let revision = 0; revision < EVENTS; revision += REVISION_STEP) {
        for (const path of [eventPath(revision), proofPath(revision)]) {
          const original = map.get(path);
          if (!original) continue;
          const bytes = original.slice();
          map.set(path, bytes);
          for (const [place, before] of original.entries()) {
            bytes[place] = other(before, place);
            const faults = new FaultList();
            verifyRevision(pack, revision, faults);
            const [fault] = faults.faults;
            if (!fault) missed.push(`${path} ${place}`);
            else if (fault.path !== path) misplaced.push(`${path} ${place}`);
            bytes[place] = before;
            flips += 1;
          }
          map.set(path, original);
        }
      }
      process.stdout.write(
        `tamper: ${flips} bytes of events and proofs flipped, all sums repaired: ${missed.length} missed, ${misplaced.length} named elsewhere\n`,
      );
      expect({ missed, misplaced }).toEqual({ missed: [], misplaced: [] });
      expect(flips).toBeGreaterThan(FLIPS_MIN);
    },
    TIMEOUT_MS,
  );

  it(
    'shows any byte that changes in the checkpoint, though zip and manifests are repaired',
    () => {
      const missed: number[] = [];
      const note = Buffer.from(ledger.note);
      for (const [place, before] of note.entries()) {
        for (let bit = 0; bit < 8; bit += 1) {
          note[place] = before ^ (1 << bit);
          if (trustedCheckpoint(note, ledger.policy).ok) missed.push(place);
        }
        note[place] = before;
      }
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'shows random bytes that change, when all of the pack is verified, and where',
    () => {
      const random = randomNumbers(5);
      const missed: number[] = [];
      const nowhere: number[] = [];
      for (let sample = 0; sample < WHOLE_SAMPLES; sample += 1) {
        const place = random(zip.length);
        const before = zip[place] ?? 0;
        zip[place] = before ^ (1 + random(255));
        const { ok, faults } = verifyPack(zip, { policy: ledger.policy });
        if (ok) missed.push(place);
        if (!faults.some(({ path, index, eventId }) => path ?? index ?? eventId))
          nowhere.push(place);
        zip[place] = before;
      }
      process.stdout.write(
        `tamper: ${WHOLE_SAMPLES} random bytes of the pack flipped: ${missed.length} missed, ${nowhere.length} without a place\n`,
      );
      expect({ missed, nowhere }).toEqual({ missed: [], nowhere: [] });
    },
    TIMEOUT_MS,
  );

  it(
    'shows random bytes of the page that change, though zip and manifests are repaired',
    () => {
      const random = randomNumbers(6);
      const page = files.find(({ path }) => path === PACK_PATHS.chronologyHtml);
      const missed: number[] = [];
      for (let sample = 0; sample < 5; sample += 1) {
        const bytes = (page?.bytes ?? new Uint8Array()).slice();
        const place = random(bytes.length);
        bytes[place] = (bytes[place] ?? 0) ^ (1 + random(255));
        const changed = files.map((file) => (file === page ? { path: file.path, bytes } : file));
        const { faults } = verifyPack(samplePackZip(changed), { policy: ledger.policy });
        const isFound = faults.some(({ path, index }) => path === page?.path && index === place);
        if (!isFound) missed.push(place);
      }
      expect(missed).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** Whole numbers below a bound, the same ones in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    // Numerical Recipes' generator: chance enough to choose bytes.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
