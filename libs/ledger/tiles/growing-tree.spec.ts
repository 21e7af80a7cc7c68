import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeEntries, entriesPath, TileBuilder, tilePath, TreeHead } from '#merkle';
import { entries, hashes, LEAVES, tilesAt } from '#testing/merkle';
import { GrowingTree, type Growth, type LedgerFile } from './growing-tree.js';

const WIDTH = 256;
/** Sizes at which something is full, or begins, more often than chance would have them. */
const batches = fc.array(
  fc.oneof(fc.nat(20), fc.constantFrom(0, 1, 255, 256, 257, 512), fc.nat(600)),
  { maxLength: 12 },
);

/** All public files of a tree of that size, from its entries at once. */
function filesAt(size: number): ReadonlyMap<string, string> {
  const files = new Map(tilesAt(size).map(({ id, bytes }) => [tilePath(id), hexOf(bytes)]));
  for (let first = 0; first < size; first += WIDTH) {
    const bundle = entries.slice(first, Math.min(first + WIDTH, size));
    const path = entriesPath({ index: BigInt(first / WIDTH), width: bundle.length });
    files.set(path, hexOf(encodeEntries(bundle)));
  }
  return files;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The tree as a process finds it that starts at that size. */
function treeAt(size: number): GrowingTree {
  const edge = tilesAt(size).filter(({ id }) => id.width < WIDTH);
  const lastEntries = entries.slice(size - (size % WIDTH), size);
  return new GrowingTree(new TileBuilder(BigInt(size), edge), lastEntries);
}

function grown(tree: GrowingTree, to: number): Growth {
  for (const entry of entries.slice(Number(tree.size), to)) tree.add(entry);
  return tree.grow();
}

/** A folder of files as growths leave it, which takes none twice. */
class Folder {
  readonly files: Map<string, string>;

  constructor(files: ReadonlyMap<string, string> = new Map()) {
    this.files = new Map(files);
  }

  take(given: readonly LedgerFile[]): void {
    for (const { path, bytes } of given) {
      expect([...this.files.keys()]).not.toContain(path);
      this.files.set(path, hexOf(bytes));
    }
  }
}

describe('a growing tree', () => {
  it('hands out, once, every file of each size that it is asked at, wherever it started', () => {
    fc.assert(
      fc.property(fc.nat(800), batches, (start, sizes) => {
        const tree = treeAt(start);
        const folder = new Folder(filesAt(start));
        let size = start;
        for (const batch of sizes) {
          size = Math.min(size + batch, LEAVES);
          const growth = grown(tree, size);
          folder.take(growth.files);
          for (const [path, bytes] of filesAt(size)) expect(folder.files.get(path)).toBe(bytes);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('tells size and root of what it holds', () => {
    fc.assert(
      fc.property(fc.nat(800), fc.nat(800), (start, batch) => {
        const tree = treeAt(start);
        const head = new TreeHead();
        for (const hash of hashes.slice(0, start + batch)) head.addLeaf(hash);
        expect(grown(tree, start + batch)).toMatchObject({ size: head.size, root: head.root() });
        expect(tree.size).toBe(head.size);
      }),
      { numRuns: 20 },
    );
  });

  it('has nothing to hand out where nothing was added', () => {
    for (const size of [0, 1, 256, 300]) {
      const tree = treeAt(size);
      for (const growth of [tree.grow(), tree.grow()]) {
        expect(growth).toMatchObject({ files: [], superseded: [] });
      }
    }
  });

  it('tells of the partial files that a full one has taken the place of, once', () => {
    const tree = treeAt(0);
    expect(grown(tree, 3).superseded).toEqual([]);
    expect(grown(tree, 255).superseded).toEqual([]);
    expect(grown(tree, 256).superseded.toSorted()).toEqual(['tile/0/000.p', 'tile/entries/000.p']);
    expect(grown(tree, 257).superseded).toEqual([]);
    expect(grown(tree, 700).superseded.toSorted()).toEqual(['tile/0/001.p', 'tile/entries/001.p']);
  });

  it('tells of those that were there when it started', () => {
    expect(grown(treeAt(300), 512).superseded.toSorted()).toEqual([
      'tile/0/001.p',
      'tile/entries/001.p',
    ]);
  });

  it('tells of none where a full one was never partial', () => {
    expect(grown(treeAt(256), 512).superseded).toEqual([]);
    expect(grown(treeAt(0), 1_000).superseded).toEqual([]);
  });

  it('does not change what it handed out', () => {
    const tree = treeAt(0);
    const { files } = grown(tree, 3);
    const before = files.map(({ bytes }) => hexOf(bytes));
    grown(tree, 900);
    expect(files.map(({ bytes }) => hexOf(bytes))).toEqual(before);
  });
});
