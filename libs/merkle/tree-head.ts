import { MerkleError } from './merkle-error.js';
import type { Hash } from './hashing.js';
import { EMPTY_ROOT, HASH_SIZE_BYTES, LEAF_PREFIX, NODE_PREFIX } from './hashing.js';
import type { Digest } from './sha256.js';
import { digestOf, writeDigest } from './sha256.js';
import { UINT64_MAX } from './text.js';

const LEFT_AT = 1;
const RIGHT_AT = LEFT_AT + HASH_SIZE_BYTES;
const NODE_SIZE_BYTES = RIGHT_AT + HASH_SIZE_BYTES;
/** The height of the largest complete subtree of a tree of 64-bit size. */
const HEIGHT_MAX = 63;
const ENTRY_ROOM_BYTES = 4_096;

/**
 * The head of an append-only tree (RFC 9162 §2.1.1) as its compact range: one hash for every bit
 * of the size. Adding a leaf costs one node hash on average, whatever the size.
 */
export class TreeHead {
  /** For each height the input of a node hash; its left half is a peak while `#isPeak` says so. */
  readonly #nodes: Uint8Array[] = [];
  readonly #isPeak: boolean[] = Array.from({ length: HEIGHT_MAX + 1 }, () => false);
  readonly #startSize: bigint;
  /** Counted apart: BigInt arithmetic for each leaf would cost a good part of a hash. */
  #added = 0;
  #entryInput = new Uint8Array(1 + ENTRY_ROOM_BYTES);

  /**
   * Starts from nothing, or from the peaks of a tree of that size, largest subtree first.
   * Throws `tree.malformed` where the peaks are not one for each bit of the size.
   */
  constructor(size = 0n, peaks: readonly Hash[] = []) {
    const heights = heightsOf(size);
    if (heights.length !== peaks.length) {
      throw new MerkleError('tree.malformed', `size ${size} does not have ${peaks.length} peaks`);
    }
    this.#startSize = size;
    for (const [at, height] of heights.entries()) {
      const peak = peaks[at];
      if (peak?.length !== HASH_SIZE_BYTES) {
        throw new MerkleError('tree.malformed', 'a peak has not 32 bytes');
      }
      this.#nodeAt(height).set(peak, LEFT_AT);
      this.#isPeak[height] = true;
    }
  }

  get size(): bigint {
    return this.#startSize + BigInt(this.#added);
  }

  /** One hash for every bit of the size, largest subtree first, as the constructor takes them. */
  peaks(): readonly Hash[] {
    return this.#isPeak
      .flatMap((isPeak, height) => (isPeak ? [this.#peakAt(height).slice()] : []))
      .toReversed();
  }

  /** The root of the tree as it stands (RFC 9162 §2.1.1); costs at most 64 hashes. */
  root(): Hash {
    let root: Hash | undefined;
    for (const [height, isPeak] of this.#isPeak.entries()) {
      if (!isPeak) continue;
      if (root === undefined) {
        root = this.#peakAt(height).slice();
        continue;
      }
      const node = this.#nodeAt(height);
      node.set(root, RIGHT_AT);
      writeDigest(digestOf(node), root, 0);
    }
    return root ?? EMPTY_ROOT.slice();
  }

  /** Appends a leaf by its hash. Throws `tree.malformed` for a hash that has not 32 bytes. */
  addLeaf(hash: Hash): void {
    if (hash.length !== HASH_SIZE_BYTES) {
      throw new MerkleError('tree.malformed', 'a leaf hash has not 32 bytes');
    }
    const node = this.#nodeAt(0);
    if (this.#isPeak[0] === true) {
      node.set(hash, RIGHT_AT);
      this.#isPeak[0] = false;
      this.#carry(digestOf(node));
    } else {
      node.set(hash, LEFT_AT);
      this.#isPeak[0] = true;
    }
    this.#added += 1;
  }

  /** Appends an entry and returns its leaf hash, SHA-256(0x00 ‖ entry). */
  addEntry(entry: Uint8Array): Hash {
    const hash = new Uint8Array(HASH_SIZE_BYTES);
    writeDigest(this.#leafDigestOf(entry), hash, 0);
    this.addLeaf(hash);
    return hash;
  }

  /**
   * The newest complete subtree of 2^height leaves. Only asked where the size is a multiple of
   * that: the subtree then still lies where it closed, be it a peak or the right half of a node.
   */
  newestSubtree(height: number): Hash {
    const start = this.#isPeak[height] === true ? LEFT_AT : RIGHT_AT;
    return this.#nodeAt(height).slice(start, start + HASH_SIZE_BYTES);
  }

  /** Takes a new subtree of two leaves and closes what closes with it, as an addition carries. */
  #carry(digest: Digest): void {
    let carried = digest;
    let height = 1;
    for (; this.#isPeak[height] === true; height += 1) {
      const node = this.#nodeAt(height);
      writeDigest(carried, node, RIGHT_AT);
      carried = digestOf(node);
      this.#isPeak[height] = false;
    }
    writeDigest(carried, this.#nodeAt(height), LEFT_AT);
    this.#isPeak[height] = true;
  }

  #leafDigestOf(entry: Uint8Array): Digest {
    if (this.#entryInput.length <= entry.length) {
      this.#entryInput = new Uint8Array(1 + entry.length);
    }
    this.#entryInput[0] = LEAF_PREFIX;
    this.#entryInput.set(entry, 1);
    return digestOf(this.#entryInput.subarray(0, 1 + entry.length));
  }

  #peakAt(height: number): Uint8Array {
    return this.#nodeAt(height).subarray(LEFT_AT, RIGHT_AT);
  }

  #nodeAt(height: number): Uint8Array {
    return this.#nodes[height] ?? this.#newNodeAt(height);
  }

  #newNodeAt(height: number): Uint8Array {
    if (height > HEIGHT_MAX) throw new MerkleError('tree.malformed', 'the tree is full');
    const node = new Uint8Array(NODE_SIZE_BYTES);
    node[0] = NODE_PREFIX;
    this.#nodes[height] = node;
    return node;
  }
}

/** The heights of the complete subtrees of a tree, largest first: the bits of its size. */
export function heightsOf(size: bigint): readonly number[] {
  if (size < 0n || size > UINT64_MAX) {
    throw new MerkleError('tree.malformed', `a tree cannot have the size ${size}`);
  }
  const bits = size.toString(2);
  return [...bits].flatMap((bit, at) => (bit === '1' ? [bits.length - 1 - at] : []));
}
