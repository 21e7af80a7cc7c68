import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeEntries, encodeEntries, TileBuilder, tilePath } from '#merkle';
import { complaintHistory, signedLedger, testSigner, type MemoryLedger } from '#testing/evidence';
import { leafEntryOf } from '../leaf/leaf.js';
import type { NamedNote } from './kept-checkpoints.js';
import { verifyEvents, verifyLedger } from './verify-ledger.js';

const SIZE = 70_000;
const HISTORY = complaintHistory({ events: SIZE, streams: 20_000 });
let whole: MemoryLedger;

beforeAll(() => {
  whole = signedLedger({ events: HISTORY });
});

const verify = (ledger: MemoryLedger, kept: readonly string[] = []) =>
  verifyLedger(ledger, { policy: ledger.policy, kept });

/** The ledger with one byte of a file changed. */
function flipped(path: string, at: number): MemoryLedger {
  const ledger = whole.clone();
  const bytes = ledger.files.get(path);
  if (!bytes) throw new Error(`no ${path}`);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return ledger;
}

/** Changes entry 300 and every tile that is below the level. */
function rewrittenUpTo(level: number): MemoryLedger {
  const ledger = whole.clone();
  const entries = [...decodeEntries(ledger.files.get('tile/entries/001') ?? new Uint8Array())];
  const changed = HISTORY[300];
  if (!changed) throw new Error('no event 300');
  entries[44] = leafEntryOf({ ...changed, data: '{}' }, { origin: testSigner().name, index: 300 });
  ledger.files.set('tile/entries/001', encodeEntries(entries));
  const builder = new TileBuilder();
  for (let number = 0; number < Math.ceil(SIZE / 256); number += 1) {
    const suffix = number === 273 ? '.p/112' : '';
    const path = `tile/entries/${String(number).padStart(3, '0')}${suffix}`;
    for (const entry of decodeEntries(ledger.files.get(path) ?? new Uint8Array())) {
      builder.addEntry(entry);
    }
  }
  for (const { id, bytes } of [...builder.takeFullTiles(), ...builder.rightEdge()]) {
    if (id.level < level) ledger.files.set(tilePath(id), bytes);
  }
  return ledger;
}

describe('verifying a ledger', () => {
  it('finds nothing wrong with a whole one, and says what it does not prove', async () => {
    const verdict = await verify(whole);
    expect(verdict).toMatchObject({ ok: true, size: SIZE, checked: SIZE, faultCount: 0 });
    expect(verdict.checks.join()).toContain('20000 streams');
    expect(verdict.notProved.join()).toContain('rewritten as a whole');
    expect(verdict.notProved.join()).toContain('what was recorded is true');
  });

  it.each([0, 1, 2, 255, 256, 257, 65_536])('reads a tree of %d leaves', async (size) => {
    const ledger = signedLedger({ events: HISTORY.slice(0, size) });
    expect(await verify(ledger)).toMatchObject({ ok: true, size, checked: size });
  });

  it.each([
    ['tile/entries/000', 700, { what: 'leaf', index: 1 }],
    ['tile/entries/100', 0, { what: 'entries', index: 100, path: 'tile/entries/100' }],
    ['tile/0/000', 33, { what: 'tile', index: 0, path: 'tile/0/000' }],
    ['tile/0/273.p/112', 40, { what: 'tile', index: 273, path: 'tile/0/273.p/112' }],
    ['tile/1/000', 500, { what: 'tile', index: 0, path: 'tile/1/000' }],
    ['tile/1/001.p/17', 500, { what: 'tile', index: 1, path: 'tile/1/001.p/17' }],
    ['tile/2/000.p/1', 5, { what: 'tile', index: 0, path: 'tile/2/000.p/1' }],
  ])('names the one thing wrong when %s is changed at byte %d', async (path, at, fault) => {
    const { ok, faults } = await verify(flipped(path, at));
    expect(ok).toBe(false);
    expect(faults).toEqual([expect.objectContaining(fault)]);
  });

  it.each([
    ['tile/entries/003', 'entries'],
    ['tile/0/273.p/112', 'tile'],
    ['tile/2/000.p/1', 'tile'],
  ])('names %s when it is missing', async (path, what) => {
    const ledger = whole.clone();
    ledger.files.delete(path);
    expect((await verify(ledger)).faults).toEqual([expect.objectContaining({ what, path })]);
  });

  it('names the event of an entry that was changed', async () => {
    const { faults } = await verify(rewrittenUpTo(0));
    expect(faults).toEqual([
      expect.objectContaining({ what: 'leaf', index: 300, eventId: HISTORY[300]?.id }),
    ]);
  });

  it('names the bundle when its tile was changed with it, at whatever height', async () => {
    const one = await verify(rewrittenUpTo(1));
    expect(one.faults).toEqual([
      expect.objectContaining({ what: 'entries', index: 1, path: 'tile/entries/001' }),
    ]);
    const two = await verify(rewrittenUpTo(2));
    expect(two.faults).toEqual([
      expect.objectContaining({ what: 'tile', index: 0, path: 'tile/1/000' }),
    ]);
  });

  it('says that the root is another one when everything was changed', async () => {
    const { faults } = await verify(rewrittenUpTo(9));
    expect(faults).toEqual([expect.objectContaining({ what: 'checkpoint', index: SIZE })]);
  });

  it('names several faults, and counts those it does not list', async () => {
    const ledger = flipped('tile/0/005', 9);
    for (const path of ['tile/entries/007', 'tile/1/000']) {
      const bytes = ledger.files.get(path);
      if (bytes) bytes[100] = (bytes[100] ?? 0) ^ 1;
    }
    const options = { policy: ledger.policy, faultsMax: 2 };
    const verdict = await verifyLedger(ledger, options);
    expect(verdict).toMatchObject({ ok: false, faultCount: 3 });
    expect(verdict.faults).toHaveLength(2);
  });

  it('trusts nothing but the keys of the policy', async () => {
    const stranger = signedLedger(
      { events: complaintHistory({ events: 3, streams: 1 }) },
      testSigner('x', 8),
    );
    const { ok, faults } = await verifyLedger(stranger, { policy: whole.policy });
    expect(ok).toBe(false);
    expect(faults).toEqual([expect.objectContaining({ what: 'checkpoint', path: 'checkpoint' })]);
    await expect(
      verifyLedger(whole, { policy: { ...whole.policy, logs: [] } }),
    ).rejects.toMatchObject({ code: 'verification.misused' });
  });

  it('names a leaf that lies about its place, and a gap in a stream', async () => {
    const events = complaintHistory({ events: 40, streams: 4 });
    const origin = testSigner().name;
    const entries = events.map((event, index) => leafEntryOf(event, { origin, index }));
    const place = { origin, index: 9 };
    entries[8] = leafEntryOf(events[8] ?? events[0] ?? never(), place);
    entries[11] = leafEntryOf(events[11] ?? never(), { origin: 'another.example', index: 11 });
    entries[14] = leafEntryOf({ ...(events[14] ?? never()), revision: 4 }, { origin, index: 14 });
    entries[30] = Buffer.from('no leaf');
    const { faults } = await verify(signedLedger({ entries }));
    expect(faults.map(({ what, index }) => [what, index])).toEqual([
      ['leaf', 8],
      ['leaf', 11],
      ['leaf', 14],
      ['leaf', 18],
      ['leaf', 30],
    ]);
  });

  it('finds a rewrite, a fork and a rollback by one kept checkpoint', async () => {
    const events = complaintHistory({ events: 1_000, streams: 10 });
    const forked = [
      ...events.slice(0, 600),
      ...complaintHistory({ events: 400, streams: 4, seed: 'b' }),
    ];
    const now = signedLedger({ events: forked });
    expect((await verify(now)).ok).toBe(true);
    for (const [size, isFound] of [
      [0, false],
      [256, false],
      [600, false],
      [601, true],
      [1_000, true],
    ] as const) {
      const { note } = signedLedger({ events: events.slice(0, size) });
      const { ok, faults } = await verify(now, [note]);
      expect([size, ok]).toEqual([size, !isFound]);
      expect(faults).toEqual(
        isFound ? [expect.objectContaining({ what: 'kept', index: size })] : [],
      );
    }
    const { note } = signedLedger({ events });
    const rolledBack = await verify(signedLedger({ events: events.slice(0, 900) }), [note]);
    expect(rolledBack.faults).toEqual([expect.objectContaining({ what: 'kept', index: 1_000 })]);
  });

  describe('what was signed before is damaged now', () => {
    const SIZES = [0, 1, 200, 256, 300, 65_700, SIZE];
    let notes: readonly NamedNote[];
    let cosigned: Uint8Array;

    beforeAll(() => {
      notes = SIZES.map((size) => ({
        path: `checkpoints/${size}`,
        note: size === SIZE ? whole.note : signedLedger({ events: HISTORY.slice(0, size) }).note,
      }));
      cosigned = Buffer.from(notes.find(({ path }) => path.endsWith('65700'))?.note ?? '');
    });

    const judged = (ledger: MemoryLedger) => {
      ledger.files.set('cosigned', cosigned);
      return verifyLedger(ledger, { policy: ledger.policy, kept: notes, beside: notes });
    };

    it.each([
      ['tile/entries/000', 700, 'leaf'],
      ['tile/entries/273.p/112', 700, 'leaf'],
      ['tile/entries/001', 0, 'entries'],
      ['tile/0/000', 33, 'tile'],
      ['tile/0/273.p/112', 40, 'tile'],
      ['tile/1/000', 500, 'tile'],
      ['tile/1/001.p/17', 500, 'tile'],
      ['tile/2/000.p/1', 5, 'tile'],
    ])('is told alone when it is %s at byte %d', async (path, at, what) => {
      const verdict = await judged(flipped(path, at));
      expect(verdict.faults).toEqual([expect.objectContaining({ what })]);
      const checks = verdict.checks.join();
      expect(checks).toContain(`the kept checkpoint of ${SIZE} leaves`);
      expect(checks).toContain(`${SIZES.length + 1} checkpoints that lie beside`);
      for (const contradicted of ['every entry', 'its own index', 'no gap']) {
        expect(checks).not.toContain(contradicted);
      }
    });

    it.each([
      [17, 'tile/entries/000.p/17', 1],
      [300, 'tile/entries/000', 1],
      [300, 'tile/entries/001.p/44', 257],
    ])('says nothing against the event of a store of %d where %s is', async (size, path, index) => {
      const events = complaintHistory({ events: size, streams: 3 });
      const ledger = signedLedger({ events });
      const bytes = ledger.files.get(path);
      if (bytes) bytes[700] = (bytes[700] ?? 0) ^ 1;
      const pages = (async function* () {
        yield events;
      })();
      const { faults } = await verifyEvents(pages, ledger, { policy: ledger.policy });
      expect(faults).toEqual([expect.objectContaining({ what: 'leaf', index })]);
    });

    it('does not hide a rewrite that the tiles prove', async () => {
      const ledger = flipped('tile/entries/000', 700);
      const fork = complaintHistory({ events: 300, streams: 10, seed: 'fork' });
      const kept = [signedLedger({ events: fork }).note];
      const { faults } = await verifyLedger(ledger, { policy: ledger.policy, kept });
      expect(faults).toEqual([
        expect.objectContaining({ what: 'leaf', index: 1 }),
        expect.objectContaining({
          what: 'kept',
          reason: expect.stringContaining('rewritten or forked at an index from 0 to 299'),
        }),
      ]);
    });

    it('is said not to be judged where nothing leads to the signed root', async () => {
      const ledger = rewrittenUpTo(9);
      const { faults, checks } = await judged(ledger);
      // Two are the empty tree and the very checkpoint: these need no tiles.
      expect(faults).toHaveLength(1 + 2 * (SIZES.length - 2) + 1);
      expect(faults.map(({ reason }) => reason).join()).not.toContain('history was rewritten');
      for (const { reason } of faults.slice(1)) expect(reason).toContain('cannot be judged');
      expect(checks.join()).not.toContain('that the log extends what it signed');
    });

    it('is said not to be judged where tile and entries are both gone', async () => {
      const ledger = whole.clone();
      for (const path of ['tile/entries/001', 'tile/0/001']) ledger.files.delete(path);
      const { faults } = await judged(ledger);
      expect(faults).toEqual([
        expect.objectContaining({ what: 'entries' }),
        expect.objectContaining({ what: 'tile' }),
        ...['kept', 'checkpoint'].map((what) =>
          expect.objectContaining({
            what,
            index: 300,
            reason: expect.stringContaining('cannot be judged'),
          }),
        ),
      ]);
    });
  });

  describe('what was signed earlier and lies in the ledger', () => {
    const events = complaintHistory({ events: 700, streams: 10 });
    const now = signedLedger({ events });
    const noteAt = (size: number, history = events) =>
      signedLedger({ events: history.slice(0, size) }).note;
    const fork = complaintHistory({ events: 300, streams: 10, seed: 'fork' });
    const judged = (path: string, note: string, ledger = now) =>
      verifyLedger(ledger, { policy: ledger.policy, beside: [{ path, note }] });

    it.each([0, 1, 255, 256, 300, 700])('is of the same tree, at %d leaves', async (size) => {
      const verdict = await judged('checkpoints/2026-01-01', noteAt(size));
      expect(verdict).toMatchObject({ ok: true, faults: [] });
      expect(verdict.checks.join()).toContain('1 checkpoints that lie beside');
      // The house keeps it itself: it could be written anew with the rest.
      expect(verdict.notProved.join()).toContain('rewritten as a whole');
    });

    const stranger = signedLedger({ events: events.slice(0, 5) }, testSigner('x', 8)).note;
    it.each([
      ['a fork signed with the genuine key', noteAt(300, fork), 300],
      ['one that is later than the latest', noteAt(701, [...events, ...fork]), 701],
      ["one of a stranger's key", stranger, null],
      ['garbage', 'garbage', null],
    ])('is named when it is %s', async (_what, note, index) => {
      for (const [path, what] of [
        ['checkpoints/2026-01-01', 'checkpoint'],
        ['time/300.note', 'time-token'],
      ] as const) {
        const { ok, faults } = await judged(path, note);
        expect(ok).toBe(false);
        expect(faults).toEqual([expect.objectContaining({ what, index, path })]);
      }
      const ledger = now.clone();
      ledger.files.set('cosigned', Buffer.from(note));
      const { faults } = await verifyLedger(ledger, { policy: ledger.policy });
      expect(faults).toEqual([
        expect.objectContaining({ what: 'checkpoint', index, path: 'cosigned' }),
      ]);
    });

    it('is read before the latest checkpoint, which may move meanwhile', async () => {
      const read: string[] = [];
      const watched = {
        read: (path: string) => {
          read.push(path);
          return now.read(path);
        },
      };
      await verifyLedger(watched, { policy: now.policy });
      expect(read.slice(0, 2)).toEqual(['cosigned', 'checkpoint']);
    });

    it('is told apart from what an auditor kept, which is named as well', async () => {
      const kept = [{ path: 'kept-of-2025', note: noteAt(300, fork) }];
      const verdict = await verifyLedger(now, { policy: now.policy, kept });
      expect(verdict.faults).toEqual([
        expect.objectContaining({ what: 'kept', index: 300, path: 'kept-of-2025' }),
      ]);
      // What was not found is not listed as checked, and vouches for nothing.
      expect(verdict.checks.join()).not.toContain('kept checkpoint of 300');
      expect(verdict.notProved.join()).toContain('rewritten as a whole');
      expect(verdict.notProved.join()).not.toContain('none was given');
    });
  });

  it('passes on that the ledger cannot be reached', async () => {
    const broken = {
      read: (path: string) =>
        path === 'checkpoint' || path === 'cosigned'
          ? whole.read(path)
          : Promise.reject(new Error('away')),
    };
    await expect(verifyLedger(broken, { policy: whole.policy })).rejects.toThrow('away');
  });
});

function never(): never {
  throw new Error('no such event');
}
