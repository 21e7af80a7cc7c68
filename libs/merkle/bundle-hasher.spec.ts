import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BundleHasher, EntryBundle, encodeEntries, leafHash, TileBuilder } from './index.js';

const HASHER = new BundleHasher();

describe('hashing a bundle', () => {
  it('gives what building its tile gives, and leaves the bundle as it was', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 256 });
    const full = fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 256, maxLength: 256 });
    fc.assert(
      fc.property(fc.oneof(sizes, full), fc.nat(255), (lengths, fill) => {
        const entries = lengths.map((length, at) => new Uint8Array(length).fill(fill ^ at));
        const builder = new TileBuilder();
        for (const entry of entries) builder.addEntry(entry);
        const bytes = encodeEntries(entries);
        const { hashes, root } = HASHER.hash(EntryBundle.decode(bytes));
        expect(bytes).toEqual(encodeEntries(entries));
        const [tile] = entries.length === 256 ? builder.takeFullTiles() : builder.rightEdge();
        expect(Buffer.from(hashes).equals(tile?.bytes ?? new Uint8Array())).toBe(true);
        expect(root).toEqual(entries.length === 256 ? builder.root() : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('takes the first entries alone where only these are asked for', () => {
    const entries = [1, 2, 3].map((size) => new Uint8Array(size).fill(size));
    const bundle = EntryBundle.decode(Buffer.from(encodeEntries(entries))).first(2);
    const { hashes, root } = HASHER.hash(bundle);
    expect(root).toBeUndefined();
    expect(hashes).toHaveLength(64);
    expect(hashes.subarray(32)).toEqual(leafHash(bundle.entry(1)));
    expect(bundle.entries()).toEqual(entries.slice(0, 2));
  });
});
