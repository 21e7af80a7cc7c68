import { describe, expect, it } from '@jest/globals';
import { EMPTY_ROOT, leafHash, nodeHash } from './hashing.js';
import { TreeHead } from './tree-head.js';

describe('a tree head', () => {
  it('has the root of RFC 9162 §2.1.1', () => {
    const [a, b, c] = ['', 'b', 'c'].map((text) => new TextEncoder().encode(text));
    if (!a || !b || !c) throw new Error('three entries');
    const head = new TreeHead();
    expect(head.root()).toEqual(EMPTY_ROOT);
    expect(head.addEntry(a)).toEqual(leafHash(a));
    head.addEntry(b);
    head.addLeaf(leafHash(c));
    expect(head.root()).toEqual(nodeHash(nodeHash(leafHash(a), leafHash(b)), leafHash(c)));
    expect(new TreeHead(3n, head.peaks()).root()).toEqual(head.root());
  });
});
