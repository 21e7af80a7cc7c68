import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  complaintHistory,
  printTampering,
  samplePackFiles,
  samplePackZip,
  signedLedger,
} from '#testing/evidence';
import type { PackFile } from './stored-zip.js';
import { eventPath, proofPath } from './pack-format.js';
import { verifyPack } from './verify-pack.js';

// The tamper suite for files of a pack as wholes, where zip, manifests and sums are repaired: every
// pair swapped, every file taken away, doubled, put in from elsewhere; and packs of other histories
// that are signed with the genuine key.

const EVENTS = complaintHistory({ events: 12, streams: 1 });
const STREAM = EVENTS[0]?.stream ?? '';
const LEDGER = signedLedger({ events: EVENTS });
const { policy } = LEDGER;

type Files = ReadonlyMap<string, Uint8Array>;
let files: Files;
let strange: Files;

beforeAll(async () => {
  files = await filesOf(EVENTS);
  const others = complaintHistory({ events: 12, streams: 1, seed: 'b' });
  strange = await filesOf(others.map((event) => ({ ...event, stream: STREAM })));
});

async function filesOf(events: typeof EVENTS): Promise<Files> {
  const ledger = signedLedger({ events });
  const packed = await samplePackFiles({ ledger, events, stream: STREAM });
  return new Map(packed.map(({ path, bytes }) => [path, bytes]));
}

function verify(changed: Files, kept: readonly string[] = []) {
  const payload: readonly PackFile[] = [...changed].map(([path, bytes]) => ({ path, bytes }));
  return verifyPack(samplePackZip(payload), { policy, kept });
}

const REVISIONS = EVENTS.map(({ revision }) => revision);
const PATHS_OF = [
  (revision: number) => [eventPath(revision)],
  (revision: number) => [proofPath(revision)],
  (revision: number) => [eventPath(revision), proofPath(revision)],
];

/** The ways in which the verdict on the changed files does not name one of the paths. */
function missedIn(changed: Files, paths: readonly string[]): readonly string[] {
  const { ok, faults } = verify(changed);
  const isNamed = faults.some(({ path }) => path !== undefined && paths.includes(path));
  return ok || !isNamed ? [`${paths.join()} ${JSON.stringify(faults.slice(0, 2))}`] : [];
}

/** All that are missed of the changes, each with the paths of which one must be named. */
function expectFound(name: string, changes: readonly (readonly [Files, readonly string[]])[]) {
  const missed = changes.flatMap(([changed, paths]) => missedIn(changed, paths));
  printTampering(`${changes.length} times ${name} in a pack: ${missed.length} missed or not named`);
  expect(missed).toEqual([]);
  expect(changes.length).toBeGreaterThan(10);
}

describe('files of a pack that change as wholes, where all sums are repaired', () => {
  it('are found whole as they are', () => {
    expect(verify(files)).toMatchObject({ ok: true, checked: 12 });
  });

  it('are found where two are swapped: events, proofs, or both', () => {
    const changes = PATHS_OF.flatMap((pathsOf) =>
      REVISIONS.flatMap((a) =>
        REVISIONS.filter((b) => b > a).map((b) => {
          const [ones, others] = [pathsOf(a), pathsOf(b)];
          const changed = new Map(files);
          for (const [at, one] of ones.entries()) {
            const other = others[at] ?? '';
            changed.set(one, files.get(other) ?? new Uint8Array());
            changed.set(other, files.get(one) ?? new Uint8Array());
          }
          return [changed, [...ones, ...others]] as const;
        }),
      ),
    );
    expectFound('swap of files', changes);
  });

  it('are found where any is missing', () => {
    const changes = [...files.keys()].map((gone) => {
      const changed = new Map([...files].filter(([path]) => path !== gone));
      return [changed, [gone]] as const;
    });
    expectFound('deletion of a file', changes);
  });

  it('are found where one stands again as the next revision', () => {
    const changes = REVISIONS.map((revision) => {
      const changed = new Map(files);
      changed.set(eventPath(12), files.get(eventPath(revision)) ?? new Uint8Array());
      changed.set(proofPath(12), files.get(proofPath(revision)) ?? new Uint8Array());
      return [changed, [eventPath(12), proofPath(12)]] as const;
    });
    expectFound('duplication of a revision', changes);
  });

  it('are found where one comes from a log that the genuine key signed too', () => {
    const changes = [...files.keys()].map((path) => {
      const changed = new Map(files);
      changed.set(path, strange.get(path) ?? new Uint8Array());
      return [changed, [path]] as const;
    });
    // Both packs say the same of themselves, so that scope.json is the same file in both.
    expectFound(
      'insertion from another log',
      changes.filter(([, [path]]) => path !== 'data/scope.json' && path !== 'data/checkpoint'),
    );
  });

  it('are found where the end is cut off, unless scope and page are made anew', async () => {
    const changes = REVISIONS.map((end) => {
      const cut = REVISIONS.slice(end).flatMap((revision) => [
        eventPath(revision),
        proofPath(revision),
      ]);
      return [new Map([...files].filter(([path]) => !cut.includes(path))), cut] as const;
    });
    expectFound('cut at the end', changes);
    // A pack of the first events of a stream is a sound pack, and says that it proves no more.
    const first = await samplePackFiles({
      ledger: LEDGER,
      events: EVENTS.slice(0, 9),
      stream: STREAM,
    });
    const verdict = verify(new Map(first.map(({ path, bytes }) => [path, bytes])));
    expect(verdict).toMatchObject({ ok: true, checked: 9 });
    expect(verdict.notProved.join()).toContain('no event after revision 8');
  });

  it('are found by one old checkpoint where the whole log was rewritten with the key', () => {
    expect(verify(strange)).toMatchObject({ ok: true });
    expect(verify(strange, [LEDGER.note]).faults).toMatchObject([{ what: 'kept', index: 12 }]);
  });
});
