import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entries, hashes, LEAVES, naive, sizes, sourceOf, tilesAt } from '#testing/merkle';
import { EMPTY_ROOT, leafHash, nodeHash } from './hashing.js';
import type { MerkleError } from './merkle-error.js';
import { proveConsistency, proveInclusion, rootOf } from './prove.js';
import { sha256 } from './sha256.js';
import { TileBuilder } from './tile-builder.js';
import type { Tile, TileId, TileSource } from './tile.js';
import { tilePath, tilesOf } from './tile.js';
import { TreeHead } from './tree-head.js';

/** Paths and bytes as text, which jest compares in no time. */
function contentOf(tiles: readonly Tile[]): readonly string[] {
  return tiles.map(({ id, bytes }) => `${tilePath(id)} ${Buffer.from(bytes).toString('hex')}`);
}

/** Every tile from its definition: hashes of complete subtrees of 256^level leaves. */
function naiveTile({ level, index, width }: TileId): Buffer {
  const span = 256 ** level;
  return Buffer.concat(
    Array.from({ length: width }, (_, at) => {
      const first = (Number(index) * 256 + at) * span;
      return naive.root(hashes.slice(first, first + span));
    }),
  );
}

describe('hashing', () => {
  it('is that of RFC 9162 §2.1.1', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9_000 }), (bytes) => {
        expect(sha256(bytes)).toEqual(naive.hash(bytes));
        expect(leafHash(bytes)).toEqual(naive.leaf(bytes));
      }),
    );
    expect(EMPTY_ROOT).toEqual(naive.hash());
    expect(nodeHash(EMPTY_ROOT, sha256(EMPTY_ROOT))).toEqual(
      naive.hash(Uint8Array.of(1), EMPTY_ROOT, naive.hash(EMPTY_ROOT)),
    );
  });
});

describe('a tree head', () => {
  it('has the root of the definition at every size', () => {
    const [byEntry, byLeaf] = [new TreeHead(), new TreeHead()];
    for (const [at, entry] of entries.entries()) {
      if (at < 70 || at % 256 < 2) {
        const root = naive.root(hashes.slice(0, at));
        expect(byEntry.root()).toEqual(root);
        expect(byLeaf.root()).toEqual(root);
      }
      expect(byEntry.size).toBe(BigInt(at));
      expect(byEntry.addEntry(entry)).toEqual(hashes[at]);
      byLeaf.addLeaf(hashes[at] ?? EMPTY_ROOT);
    }
  });

  it('goes on from its peaks as if it had never stopped', () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
        const before = new TreeHead();
        for (const hash of hashes.slice(0, size1)) before.addLeaf(hash);
        const after = new TreeHead(before.size, before.peaks());
        for (const hash of hashes.slice(size1, size2)) after.addLeaf(hash);
        expect(after.size).toBe(BigInt(size2));
        expect(after.root()).toEqual(naive.root(hashes.slice(0, size2)));
      }),
      { numRuns: 20 },
    );
  });

  it('takes entries beyond the room that it keeps for them', () => {
    const head = new TreeHead();
    const [large, small] = [new Uint8Array(65_535).fill(9), Uint8Array.of(1)];
    expect(head.addEntry(large)).toEqual(naive.leaf(large));
    expect(head.addEntry(small)).toEqual(naive.leaf(small));
    for (let size = 4_090; size < 4_102; size += 1) {
      const entry = new Uint8Array(size).fill(5);
      expect(new TreeHead().addEntry(entry)).toEqual(naive.leaf(entry));
    }
  });

  it('hands out hashes that later leaves do not change', () => {
    const head = new TreeHead();
    head.root().fill(7);
    expect(head.root()).toEqual(naive.hash());
    head.addLeaf(sha256(Uint8Array.of(1)));
    const [root, peaks] = [head.root(), head.peaks()];
    const before = [root, ...peaks].map((hash) => hash.slice());
    root.fill(7);
    expect(head.root()).toEqual(before[0]);
    head.addLeaf(sha256(Uint8Array.of(2)));
    expect(peaks).toEqual(before.slice(1));
  });

  it('counts to 64 bits', () => {
    const size = 2n ** 64n - 2n;
    const peaks = Array.from({ length: 63 }, (_, at) => sha256(Uint8Array.of(at)));
    const head = new TreeHead(size, peaks);
    head.addLeaf(EMPTY_ROOT);
    expect(head.size).toBe(size + 1n);
    expect(head.peaks()).toEqual([...peaks, EMPTY_ROOT]);
    expect(new TreeHead(head.size, head.peaks()).root()).toEqual(head.root());
    expect(() => head.addLeaf(EMPTY_ROOT)).toThrow(coded('tree.malformed'));
  });

  it('refuses peaks and leaves that no tree has', () => {
    const hash = EMPTY_ROOT;
    const short = hash.subarray(1);
    expect(() => new TreeHead(3n, [hash])).toThrow(coded('tree.malformed'));
    expect(() => new TreeHead(2n, [hash, hash])).toThrow(coded('tree.malformed'));
    expect(() => new TreeHead(1n, [short])).toThrow(coded('tree.malformed'));
    expect(() => new TreeHead(-1n, [])).toThrow(coded('tree.malformed'));
    expect(() => new TreeHead(2n ** 64n, [hash])).toThrow(coded('tree.malformed'));
    expect(() => new TreeHead().addLeaf(short)).toThrow(coded('tree.malformed'));
  });
});

describe('tiles', () => {
  it('are those of the definition, and as many as tilesOf names', () => {
    for (const size of [1, 255, 256, 257, 1_000, LEAVES]) {
      const tiles = tilesAt(size);
      const named = [...tilesOf(BigInt(size))];
      expect(tiles.map(({ id }) => tilePath(id)).toSorted()).toEqual(
        named.map(tilePath).toSorted(),
      );
      for (const { id, bytes } of tiles) expect(Buffer.from(bytes)).toEqual(naiveTile(id));
    }
  });

  it('are the same wherever building was resumed, and each full one is handed out once', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (a, b) => {
        const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
        const first = tilesAt(size1);
        const builder = await TileBuilder.resume(BigInt(size1), sourceOf(first));
        expect(builder.root()).toEqual(naive.root(hashes.slice(0, size1)));
        expect(contentOf(builder.rightEdge())).toEqual(
          contentOf(first.filter(({ id }) => id.width < 256)),
        );
        const full = first.filter(({ id }) => id.width === 256);
        for (const entry of entries.slice(size1, size2)) {
          builder.addEntry(entry);
          full.push(...builder.takeFullTiles());
        }
        expect(builder.takeFullTiles()).toEqual([]);
        expect(contentOf([...full, ...builder.rightEdge()])).toEqual(contentOf(tilesAt(size2)));
        expect(builder.size).toBe(BigInt(size2));
        expect(builder.root()).toEqual(naive.root(hashes.slice(0, size2)));
        expect(new TreeHead(builder.size, builder.peaks()).root()).toEqual(builder.root());
      }),
      { numRuns: 20 },
    );
  });

  it('of three levels are built, resumed and read right', async () => {
    const size = 256 * 256 + 256 + 1;
    const builder = new TileBuilder();
    const tiles: Tile[] = [];
    const many = Array.from({ length: size }, (_, at) => naive.leaf(Buffer.from(`${at}`)));
    for (const hash of many) builder.addLeaf(hash);
    tiles.push(...builder.takeFullTiles(), ...builder.rightEdge());
    expect(tiles.map(({ id }) => tilePath(id)).toSorted()).toEqual(
      [...tilesOf(BigInt(size))].map(tilePath).toSorted(),
    );
    const root = naive.root(many);
    const source = sourceOf(tiles);
    expect(await rootOf(source, BigInt(size))).toEqual(root);
    expect((await TileBuilder.resume(BigInt(size), source)).root()).toEqual(root);
    for (const at of [255, 65_535, 65_536, size - 1]) {
      const proof = await proveInclusion(source, BigInt(at), BigInt(size));
      expect(proof).toEqual(naive.path(at, many));
    }
    for (const older of [256, 65_535, 65_792]) {
      expect(await proveConsistency(source, BigInt(older), BigInt(size))).toEqual(
        naive.subproof(older, many, 'whole'),
      );
    }
  });

  it('are refused where they are others than those of the size', async () => {
    const edge = tilesAt(257).filter(({ id }) => id.width < 256);
    const [low, high] = edge;
    if (!low || !high) throw new Error('257 leaves have two partial tiles');
    expect(new TileBuilder(257n, edge).root()).toEqual(naive.root(hashes.slice(0, 257)));
    const wrong: readonly (readonly Tile[])[] = [
      [],
      [low],
      [high, low],
      [low, high, high],
      [{ id: low.id, bytes: low.bytes.subarray(1) }, high],
      [{ id: { ...low.id, index: 0n }, bytes: low.bytes }, high],
      [{ id: { ...low.id, width: 2 }, bytes: new Uint8Array(64) }, high],
    ];
    for (const tiles of wrong) {
      expect(() => new TileBuilder(257n, tiles)).toThrow(coded('tile.malformed'));
    }
    const short: TileSource = { tile: () => Promise.resolve(new Uint8Array(31)) };
    await expect(TileBuilder.resume(1n, short)).rejects.toThrow(coded('tile.malformed'));
    await expect(rootOf(short, 1n)).rejects.toThrow(coded('tile.malformed'));
  });
});

function coded(code: MerkleError['code']): MerkleError {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as MerkleError;
}
