import { describe, expect, it } from '@jest/globals';
import { leafHash, nodeHash, verifyConsistency, verifyInclusion, type Hash } from './index.js';

/** What `Buffer.slice` makes shares its memory, where the slice of any other bytes is a copy. */
function asBuffer(hash: Hash): Buffer {
  return Buffer.from(hash);
}

describe('hashes handed in as Buffers', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((text) => leafHash(Buffer.from(text)));
  if (!a || !b || !c || !d) throw new Error('four leaves');
  const ab = nodeHash(a, b);
  const roots = { three: nodeHash(ab, c), four: nodeHash(ab, nodeHash(c, d)) };

  it('verify as any others', () => {
    const proof = [c, d, ab].map(asBuffer);
    const root1 = asBuffer(roots.three);
    const root2 = asBuffer(roots.four);
    expect(verifyConsistency({ size1: 3n, size2: 4n, root1, root2, proof })).toBe(true);
    const inclusion = { index: 2n, size: 4n, leafHash: asBuffer(c), root: root2 };
    expect(verifyInclusion({ ...inclusion, proof: [d, ab].map(asBuffer) })).toBe(true);
  });

  it('are left as they were', () => {
    const hashes = [c, d, ab].map(asBuffer);
    const before = hashes.map((hash) => hash.toString('hex'));
    const claim = { size1: 3n, size2: 4n, root1: roots.three, root2: roots.four };
    verifyConsistency({ ...claim, proof: hashes });
    const [leaf, ...proof] = hashes;
    if (leaf) verifyInclusion({ index: 2n, size: 4n, leafHash: leaf, root: roots.four, proof });
    expect(hashes.map((hash) => hash.toString('hex'))).toEqual(before);
  });
});
