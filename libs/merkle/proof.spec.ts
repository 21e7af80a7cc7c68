import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashes, MissingTile, naive, sizes, sourceOf, tilesAt } from '#testing/merkle';
import type { Hash } from './hashing.js';
import { EMPTY_ROOT, nodeHash } from './hashing.js';
import type { MerkleError } from './merkle-error.js';
import { verifyConsistency, verifyInclusion } from './proof.js';
import { proveConsistency, proveInclusion, rootOf } from './prove.js';
import { sha256 } from './sha256.js';
import type { TileSource } from './tile.js';
import { rightEdgeOf, tilePath } from './tile.js';

/** Up to here every proof there is is tried. */
const SMALL_TREE_MAX = 20;

describe('a proof from tiles', () => {
  const claims = fc.record({ size: sizes, at: fc.nat(), bit: fc.nat(), other: fc.nat() });

  it('of inclusion is that of the definition, verifies, and reads no tile twice', async () => {
    await fc.assert(
      fc.asyncProperty(claims, async ({ size, at }) => {
        const index = at % size;
        const tiles = sourceOf(tilesAt(size));
        const read: string[] = [];
        const counted: TileSource = {
          tile: (id) => {
            read.push(tilePath(id));
            return tiles.tile(id);
          },
        };
        const proof = await proveInclusion(counted, BigInt(index), BigInt(size));
        expect(new Set(read).size).toBe(read.length);
        expect(proof).toEqual(naive.path(index, hashes.slice(0, size)));
        expect(verifyInclusion(inclusion({ index, size, proof }))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('of consistency is that of the definition and verifies', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (a, b) => {
        const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
        const tiles = sourceOf(tilesAt(size2));
        const proof = await proveConsistency(tiles, BigInt(size1), BigInt(size2));
        expect(proof).toEqual(naive.subproof(size1, hashes.slice(0, size2), 'whole'));
        expect(verifyConsistency(consistency({ size1, size2, proof }))).toBe(true);
        expect(await rootOf(tiles, BigInt(size2))).toEqual(naive.root(hashes.slice(0, size2)));
      }),
      { numRuns: 40 },
    );
  });

  it('is asked for nothing that a tree has not', async () => {
    const tiles = sourceOf(tilesAt(5));
    for (const [index, size] of [
      [5n, 5n],
      [-1n, 5n],
      [0n, 0n],
    ] as const) {
      await expect(proveInclusion(tiles, index, size)).rejects.toThrow(coded('proof.out-of-range'));
    }
    for (const [size1, size2] of [
      [0n, 5n],
      [6n, 5n],
      [-1n, 5n],
    ] as const) {
      await expect(proveConsistency(tiles, size1, size2)).rejects.toThrow(
        coded('proof.out-of-range'),
      );
    }
    expect(await rootOf(tiles, 0n)).toEqual(EMPTY_ROOT);
    expect(await rootOf(tiles, 0n)).not.toBe(EMPTY_ROOT);
    await expect(rootOf(tiles, 6n)).rejects.toThrow(MissingTile);
  });
});

type Inclusion = { readonly index: number; readonly size: number; readonly proof: readonly Hash[] };
type Consistency = {
  readonly size1: number;
  readonly size2: number;
  readonly proof: readonly Hash[];
};

function inclusion({ index, size, proof }: Inclusion): Parameters<typeof verifyInclusion>[0] {
  return {
    index: BigInt(index),
    size: BigInt(size),
    leafHash: hashes[index] ?? EMPTY_ROOT,
    proof,
    root: naive.root(hashes.slice(0, size)),
  };
}

function consistency({
  size1,
  size2,
  proof,
}: Consistency): Parameters<typeof verifyConsistency>[0] {
  return {
    size1: BigInt(size1),
    size2: BigInt(size2),
    root1: naive.root(hashes.slice(0, size1)),
    root2: naive.root(hashes.slice(0, size2)),
    proof,
  };
}

function flipped(hash: Hash, bit: number): Hash {
  const changed = hash.slice();
  const at = Math.floor(bit / 8) % changed.length;
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
  return changed;
}

/** The list with one hash changed, left out, put in or two swapped. */
function spoiledLists(
  proof: readonly Hash[],
  at: number,
  bit: number,
): readonly (readonly Hash[])[] {
  const position = proof.length === 0 ? 0 : at % proof.length;
  const lists = [
    [...proof, EMPTY_ROOT],
    [EMPTY_ROOT, ...proof],
    proof.toSpliced(position, 0, EMPTY_ROOT),
    proof.toSpliced(position, 0, proof[position] ?? EMPTY_ROOT),
  ];
  const hash = proof[position];
  if (hash === undefined) return lists;
  const moved = proof.length > 1 ? [proof.toReversed()] : [];
  return [
    ...lists,
    ...moved,
    proof.with(position, flipped(hash, bit)),
    proof.with(position, hash.subarray(1)),
    proof.with(position, Buffer.concat([hash, Buffer.of(0)])),
    proof.toSpliced(position, 1),
    [],
  ];
}

describe('verification', () => {
  it('refuses an inclusion of which anything was changed', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, a, b, bit) => {
        const index = a % size;
        const good = inclusion({ index, size, proof: naive.path(index, hashes.slice(0, size)) });
        expect(verifyInclusion(good)).toBe(true);
        const bad = [
          ...spoiledLists(good.proof, b, bit).map((proof) => ({ ...good, proof })),
          { ...good, leafHash: flipped(good.leafHash, bit) },
          { ...good, root: flipped(good.root, bit) },
          { ...good, leafHash: good.leafHash.subarray(1) },
          { ...good, root: good.root.subarray(1) },
          { ...good, index: good.index + good.size },
          { ...good, index: -1n - good.index },
          ...(size > 1 ? [{ ...good, index: BigInt((index + 1 + (b % (size - 1))) % size) }] : []),
          { ...good, size: good.size + 2n ** 64n },
        ];
        for (const claim of bad) expect(verifyInclusion(claim)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a consistency of which anything was changed', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), fc.nat(), (a, b, at, bit) => {
        const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
        const proof = naive.subproof(size1, hashes.slice(0, size2), 'whole');
        const good = consistency({ size1, size2, proof });
        expect(verifyConsistency(good)).toBe(true);
        const bad = [
          ...spoiledLists(proof, at, bit).map((list) => ({ ...good, proof: list })),
          { ...good, root1: flipped(good.root1, bit) },
          { ...good, root2: flipped(good.root2, bit) },
          { ...good, size1: 0n },
          { ...good, size1: -good.size1 },
          { ...good, size1: good.size2 + 1n },
          { ...good, size1: good.size2 + 1n, size2: good.size1 },
          ...(size1 < size2
            ? [
                { ...good, root1: good.root2 },
                { ...good, root2: good.root1 },
                { ...good, root1: good.root1.subarray(1) },
                { ...good, size1: good.size2 },
              ]
            : [{ ...good, size2: good.size2 + 1n }]),
        ];
        for (const claim of bad) expect(verifyConsistency(claim)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a root that only a proof too long leads to', () => {
    const [leaf, sibling] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    const claim = { index: 0n, size: 1n, leafHash: leaf };
    expect(verifyInclusion({ ...claim, proof: [], root: leaf })).toBe(true);
    const roots = [nodeHash(sibling, leaf), nodeHash(leaf, sibling)];
    for (const root of roots) {
      expect(verifyInclusion({ ...claim, proof: [sibling], root })).toBe(false);
    }
    const [root1, root2] = [leaf, nodeHash(leaf, sibling)];
    const grown = { size1: 1n, size2: 2n, root1, root2, proof: [sibling] };
    expect(verifyConsistency(grown)).toBe(true);
    const third = sha256(Uint8Array.of(3));
    for (const root of [nodeHash(third, root2), nodeHash(root2, third)]) {
      const proof = [sibling, third];
      expect(verifyConsistency({ ...grown, root2: root, proof })).toBe(false);
      const older = { root1: nodeHash(third, root1), root2: nodeHash(third, root2) };
      expect(verifyConsistency({ ...grown, ...older, proof })).toBe(false);
    }
  });

  it('refuses a root that only a proof too short leads to', () => {
    const [leaf, sibling] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    const root = nodeHash(leaf, sibling);
    const claim = { index: 0n, leafHash: leaf, proof: [sibling], root };
    expect(verifyInclusion({ ...claim, size: 2n })).toBe(true);
    expect(verifyInclusion({ ...claim, size: 3n })).toBe(false);
    const grown = { size1: 1n, root1: leaf, root2: root, proof: [sibling] };
    expect(verifyConsistency({ ...grown, size2: 2n })).toBe(true);
    expect(verifyConsistency({ ...grown, size2: 3n })).toBe(false);
  });

  it('refuses a tree that shrank', () => {
    const [first, sibling] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    const roots = { root1: first, root2: nodeHash(first, sibling) };
    const proof = [first, sibling];
    expect(verifyConsistency({ size1: 3n, size2: 2n, ...roots, proof })).toBe(false);
  });

  it('refuses an index before the first leaf', () => {
    const leaf = sha256(Uint8Array.of(1));
    const claim = { index: -1n, size: 1n, leafHash: leaf, proof: [], root: leaf };
    expect(verifyInclusion(claim)).toBe(false);
  });

  it('accepts every leaf of every small tree, and every older tree in it', () => {
    for (let size = 1; size <= SMALL_TREE_MAX; size += 1) {
      const leaves = hashes.slice(0, size);
      for (let index = 0; index < size; index += 1) {
        const good = inclusion({ index, size, proof: naive.path(index, leaves) });
        expect(verifyInclusion(good)).toBe(true);
        expect(verifyInclusion({ ...good, proof: [...good.proof, EMPTY_ROOT] })).toBe(false);
      }
      for (let size1 = 1; size1 <= size; size1 += 1) {
        const proof = naive.subproof(size1, leaves, 'whole');
        const good = consistency({ size1, size2: size, proof });
        expect(verifyConsistency(good)).toBe(true);
        expect(verifyConsistency({ ...good, proof: [...proof, EMPTY_ROOT] })).toBe(false);
        expect(verifyConsistency({ ...good, root1: EMPTY_ROOT })).toBe(false);
        expect(verifyConsistency({ ...good, root2: EMPTY_ROOT })).toBe(false);
      }
    }
  });

  it('refuses another tree of the same size, and a proof where none is wanted', () => {
    const root = sha256(Uint8Array.of(1));
    for (const size of [1n, 2n, 3n]) {
      const same = { size1: size, size2: size, root1: root, root2: root.slice(), proof: [] };
      expect(verifyConsistency(same)).toBe(true);
      expect(verifyConsistency({ ...same, root2: EMPTY_ROOT })).toBe(false);
      expect(verifyConsistency({ ...same, proof: [root] })).toBe(false);
    }
  });

  it('refuses two roots that only a proof too long leads to', () => {
    const [c, d, above] = [1, 2, 3].map((byte) => sha256(Uint8Array.of(byte)));
    if (!c || !d || !above) throw new Error('there are three hashes');
    const [root1, root2] = [nodeHash(above, c), nodeHash(above, nodeHash(c, d))];
    const grown = { size1: 3n, size2: 4n, root1, root2, proof: [c, d, above] };
    expect(verifyConsistency(grown)).toBe(true);
    const [higher1, higher2] = [nodeHash(above, root1), nodeHash(above, root2)];
    const longer = { ...grown, root1: higher1, root2: higher2, proof: [...grown.proof, above] };
    expect(verifyConsistency(longer)).toBe(false);
  });

  it('knows the largest size', () => {
    const size = 2n ** 64n - 1n;
    const leaf = sha256(Uint8Array.of(0));
    // The last leaf's siblings are subtrees of 2, 4, … 2^63 leaves, all to its left.
    const proof = Array.from({ length: 63 }, (_, at) => sha256(Uint8Array.of(at + 1)));
    const root = proof.reduce((hash, sibling) => nodeHash(sibling, hash), leaf);
    expect(verifyInclusion({ index: size - 1n, size, leafHash: leaf, proof, root })).toBe(true);
    const [root1, right] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    const grown = { size1: 2n ** 63n, size2: size, root1, root2: nodeHash(root1, right) };
    expect(verifyConsistency({ ...grown, proof: [right] })).toBe(true);
  });

  it('knows sizes that no number can hold', () => {
    // The last leaf of 2^63 + 1: its one sibling is the whole tree of 2^63.
    const size = 2n ** 63n + 1n;
    const [left, leaf] = [sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))];
    const claim = { index: size - 1n, size, leafHash: leaf, proof: [left] };
    const root = nodeHash(left, leaf);
    expect(verifyInclusion({ ...claim, root })).toBe(true);
    expect(verifyInclusion({ ...claim, index: 2n ** 64n - 1n, root })).toBe(false);
    const beyond = 2n ** 64n + 1n;
    expect(verifyInclusion({ ...claim, index: beyond - 1n, size: beyond, root })).toBe(false);
    const grown = { size1: size - 1n, size2: size, root1: left, root2: root, proof: [leaf] };
    expect(verifyConsistency(grown)).toBe(true);
    expect(verifyConsistency({ ...grown, size2: 2n ** 64n })).toBe(false);
    expect(verifyConsistency({ ...grown, size1: beyond - 1n, size2: beyond })).toBe(false);
    expect(rightEdgeOf(size).map(({ level }) => level)).toEqual([0, 7]);
  });
});

function coded(code: MerkleError['code']): MerkleError {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as MerkleError;
}
