import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEntries, encodeEntries, ENTRY_SIZE_MAX_BYTES } from './entries.js';
import { EntryBundle } from './entry-bundle.js';
import { entriesPath, parseLedgerPath, rightEdgeOf, tilePath, tilesOf } from './tile.js';

const refusedBundle = expect.objectContaining({ code: 'entries.malformed' });
const refusedTile = expect.objectContaining({ code: 'tile.malformed' });

describe('a bundle of entries', () => {
  const bundles = fc.array(fc.uint8Array({ maxLength: 700 }), { minLength: 1, maxLength: 256 });

  it('holds the entries that went in', () => {
    fc.assert(
      fc.property(bundles, (entries) => {
        const bundle = encodeEntries(entries);
        expect(bundle.length).toBe(entries.reduce((sum, { length }) => sum + 2 + length, 0));
        expect(decodeEntries(bundle)).toEqual(entries);
      }),
    );
  });

  it('is big-endian length and entry', () => {
    const entry = new Uint8Array(258).fill(7);
    expect(encodeEntries([Uint8Array.of(5), entry])).toEqual(
      Uint8Array.of(0, 1, 5, 1, 2, ...entry),
    );
    expect(ENTRY_SIZE_MAX_BYTES).toBe(65_535);
    const largest = new Uint8Array(ENTRY_SIZE_MAX_BYTES).fill(3);
    expect(decodeEntries(encodeEntries([largest]))).toEqual([largest]);
  });

  it('is read where it lies, and copied nowhere', () => {
    const bundle = encodeEntries([Uint8Array.of(5), Uint8Array.of(6, 7)]);
    const around = Buffer.concat([Buffer.of(9), bundle, Buffer.of(9)]);
    const read = EntryBundle.decode(around.subarray(1, -1));
    expect(read.bytes).toEqual(bundle);
    for (const bytes of [read.bytes, ...read.entries()]) expect(bytes.buffer).toBe(around.buffer);
  });

  it('has no more first entries than entries', () => {
    const entries = [Uint8Array.of(5), Uint8Array.of(6, 7), new Uint8Array(0)];
    const bundle = EntryBundle.decode(encodeEntries(entries));
    for (const width of [1, 2, 3, 4, 256]) {
      expect(bundle.first(width).entries()).toEqual(entries.slice(0, width));
    }
  });

  it('is refused when cut short or longer than its entries', () => {
    fc.assert(
      fc.property(bundles, fc.nat(), (entries, cut) => {
        const bundle = encodeEntries(entries);
        const ends = new Set(
          entries.map((_, at) => encodeEntries(entries.slice(0, at + 1)).length),
        );
        const end = cut % bundle.length;
        if (ends.has(end)) return;
        expect(() => decodeEntries(bundle.subarray(0, end))).toThrow(refusedBundle);
      }),
    );
    expect(() => decodeEntries(Uint8Array.of(0, 1, 5, 0))).toThrow(refusedBundle);
  });

  it('holds 1 to 256 entries of at most 65,535 bytes', () => {
    const empty = new Uint8Array(0);
    const full = Array.from({ length: 256 }, () => empty);
    expect(decodeEntries(encodeEntries(full))).toEqual(full);
    expect(() => encodeEntries([...full, empty])).toThrow(refusedBundle);
    expect(() => decodeEntries(new Uint8Array(2 * 257))).toThrow(refusedBundle);
    expect(() => encodeEntries([])).toThrow(refusedBundle);
    expect(() => decodeEntries(empty)).toThrow(refusedBundle);
    const tooLarge = new Uint8Array(ENTRY_SIZE_MAX_BYTES + 1);
    expect(() => encodeEntries([tooLarge])).toThrow(refusedBundle);
  });
});

describe('a path of a log', () => {
  const index = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const width = fc.integer({ min: 1, max: 256 });

  it('is written as C2SP tlog-tiles writes it', () => {
    expect(tilePath({ level: 0, index: 1_234_067n, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 63, index: 0n, width: 112 })).toBe('tile/63/000.p/112');
    expect(entriesPath({ index: 1_000n, width: 1 })).toBe('tile/entries/x001/000.p/1');
    const last = 'tile/entries/x018/x446/x744/x073/x709/x551/615.p/255';
    expect(entriesPath({ index: 2n ** 64n - 1n, width: 255 })).toBe(last);
    expect(parseLedgerPath(last)).toEqual({ kind: 'entries', index: 2n ** 64n - 1n, width: 255 });
  });

  it('is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), index, width, (level, at, wide) => {
        const id = { level, index: at, width: wide };
        expect(parseLedgerPath(tilePath(id))).toEqual({ kind: 'tile', ...id });
        const bundle = { index: at, width: wide };
        expect(parseLedgerPath(entriesPath(bundle))).toEqual({ kind: 'entries', ...bundle });
      }),
    );
  });

  it.each([
    '',
    'tile',
    'tile/0',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/01/000',
    'tile/64/000',
    'tile/100/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/x001/x001',
    'tile/0/001/001',
    'tile/0/001.p',
    'tile/0/001.p/',
    'tile/0/001.p/0',
    'tile/0/001.p/01',
    'tile/0/001.p/256',
    'tile/0/001.p/999',
    'tile/0/001.p/1/',
    'tile/0/001/',
    'tile/0/001\n',
    '/tile/0/001',
    'tile/0/../001',
    'tile/0/x018/x446/x744/x073/x709/x551/616',
    `tile/0/${'x001/'.repeat(40)}001`,
    'tile/Entries/000',
    'entries/000',
    'tile/data/000',
  ])('is not %j', (path) => {
    expect(parseLedgerPath(path)).toBeUndefined();
  });

  it('is made for no tile that cannot be', () => {
    const good = { level: 0, index: 0n, width: 1 };
    const bad = [
      { ...good, level: -1 },
      { ...good, level: 64 },
      { ...good, level: 0.5 },
      { ...good, index: -1n },
      { ...good, index: 2n ** 64n },
      { ...good, width: 0 },
      { ...good, width: 257 },
      { ...good, width: 1.5 },
    ];
    for (const id of bad) expect(() => tilePath(id)).toThrow(refusedTile);
    expect(() => entriesPath({ index: -1n, width: 1 })).toThrow(refusedTile);
    expect(() => entriesPath({ index: 0n, width: 0 })).toThrow(refusedTile);
  });
});

describe('the tiles of a size', () => {
  it('are those of the example in C2SP tlog-tiles', () => {
    const tiles = [...tilesOf(70_000n)];
    const partial = tiles.filter((tile) => tile.width < 256);
    expect(tiles.filter(({ level, width }) => level === 0 && width === 256)).toHaveLength(273);
    expect(tiles.filter(({ level, width }) => level === 1 && width === 256)).toHaveLength(1);
    expect(partial.map(tilePath)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ]);
    expect([...tilesOf(256n)].map(tilePath)).toEqual(['tile/0/000', 'tile/1/000.p/1']);
    expect([...tilesOf(0n)]).toEqual([]);
  });

  it('end in its right edge', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 100_000n }), (size) => {
        expect(rightEdgeOf(size)).toEqual([...tilesOf(size)].filter(({ width }) => width < 256));
      }),
    );
  });
});
