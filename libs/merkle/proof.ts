import type { Hash } from './hashing.js';
import { HASH_SIZE_BYTES, nodeHashInto } from './hashing.js';
import { equalBytes, UINT64_MAX } from './text.js';

export type InclusionClaim = {
  readonly index: bigint;
  readonly size: bigint;
  readonly leafHash: Hash;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Hash[];
  readonly root: Hash;
};

export type ConsistencyClaim = {
  readonly size1: bigint;
  readonly size2: bigint;
  readonly root1: Hash;
  readonly root2: Hash;
  readonly proof: readonly Hash[];
};

/**
 * Whether the leaf is at that index of the tree (RFC 9162 §2.1.3.2). Says false, and never
 * throws, for sizes and hashes that no tree has.
 */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, leafHash, proof, root } = claim;
  if (index < 0n || index >= size || size > UINT64_MAX) return false;
  if (!areHashes([leafHash, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1n;
  const hash = Uint8Array.from(leafHash);
  for (const sibling of proof) {
    if (sn === 0n) return false;
    if (isOdd(fn) || fn === sn) {
      nodeHashInto(sibling, hash, hash);
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      nodeHashInto(hash, sibling, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(hash, root);
}

/**
 * Whether the tree of size 2 begins with the tree of size 1 (RFC 9162 §2.1.4.2). Size 1 must not
 * be 0: everything extends nothing, so a caller decides that case without a proof.
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { size1, size2, root1, root2, proof } = claim;
  if (size1 <= 0n || size1 > size2 || size2 > UINT64_MAX) return false;
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2);
  // Hashes of other lengths could share out the 64 bytes of a node in another way.
  if (!areHashes([root1, root2, ...proof])) return false;
  // Where the older tree is one complete subtree, its root is what the proof would begin with.
  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  return proof.length > 0 && walk(claim, path);
}

function walk(claim: ConsistencyClaim, path: readonly Hash[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let fn = claim.size1 - 1n;
  let sn = claim.size2 - 1n;
  while (isOdd(fn)) {
    fn >>= 1n;
    sn >>= 1n;
  }
  const older = Uint8Array.from(first);
  const newer = Uint8Array.from(first);
  for (const sibling of rest) {
    if (sn === 0n) return false;
    if (isOdd(fn) || fn === sn) {
      nodeHashInto(sibling, older, older);
      nodeHashInto(sibling, newer, newer);
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      nodeHashInto(newer, sibling, newer);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equalBytes(older, claim.root1) && equalBytes(newer, claim.root2);
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}

function isPowerOfTwo(value: bigint): boolean {
  return (value & (value - 1n)) === 0n;
}

function areHashes(hashes: readonly Hash[]): boolean {
  return hashes.every((hash) => hash.length === HASH_SIZE_BYTES);
}
