import { createHash } from 'node:crypto';

type Hash = Uint8Array;

/** RFC 9162 §2.1 once more, word for word and without a thought of speed; shares no line. */
export const naive = {
  hash: (...parts: readonly Uint8Array[]): Hash =>
    Uint8Array.from(createHash('sha256').update(Buffer.concat(parts)).digest()),
  leaf: (entry: Uint8Array): Hash => naive.hash(Uint8Array.of(0), entry),
  split: (count: number): number => {
    let k = 1;
    while (k * 2 < count) k *= 2;
    return k;
  },
  /** MTH over leaf hashes. */
  root: (leaves: readonly Hash[]): Hash => {
    if (leaves.length <= 1) return leaves[0] ?? naive.hash();
    const k = naive.split(leaves.length);
    return naive.hash(
      Uint8Array.of(1),
      naive.root(leaves.slice(0, k)),
      naive.root(leaves.slice(k)),
    );
  },
  /** PATH of §2.1.3.1. */
  path: (m: number, leaves: readonly Hash[]): readonly Hash[] => {
    if (leaves.length <= 1) return [];
    const k = naive.split(leaves.length);
    const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
    return m < k
      ? [...naive.path(m, left), naive.root(right)]
      : [...naive.path(m - k, right), naive.root(left)];
  },
  /** SUBPROOF of §2.1.4.1; `whole` says whether the verifier has this subtree as its old root. */
  subproof: (m: number, leaves: readonly Hash[], whole: 'whole' | 'part'): readonly Hash[] => {
    if (m === leaves.length) return whole === 'whole' ? [] : [naive.root(leaves)];
    const k = naive.split(leaves.length);
    const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
    return m <= k
      ? [...naive.subproof(m, left, whole), naive.root(right)]
      : [...naive.subproof(m - k, right, 'part'), naive.root(left)];
  },
};
