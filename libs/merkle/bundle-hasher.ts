import type { EntryBundle } from './entry-bundle.js';
import { HASH_SIZE_BYTES, LEAF_PREFIX, NODE_PREFIX, type Hash } from './hashing.js';
import { digestOf, writeDigests, type Digest } from './sha256.js';
import { TILE_HEIGHT, TILE_WIDTH } from './tile.js';

const PREFIX_SIZE_BYTES = 1;
const PAIR_SIZE_BYTES = 2 * HASH_SIZE_BYTES;

export type BundleHashes = {
  /** One leaf hash after another, as in a level-0 tile; valid until the next bundle is hashed. */
  readonly hashes: Uint8Array;
  /** What the tile above holds for a full tile; undefined for a partial one, of which it has none. */
  readonly root: Hash | undefined;
};

/** The hashes of one height within a tile, behind one spare byte. */
type Row = {
  readonly bytes: Uint8Array;
  /** Each pair of hashes with the byte before it: the input of a node hash, but for its prefix. */
  readonly pairs: readonly Uint8Array[];
};

/** Hashes one bundle after another as C2SP tlog-tiles has it, close to what SHA-256 alone costs. */
export class BundleHasher {
  /** From the leaves up to the root's two children. */
  readonly #rows = Array.from({ length: TILE_HEIGHT }, (_, height) => rowOf(TILE_WIDTH >> height));

  /**
   * Leaf hashes of all entries (RFC 6962 §2.1). The bundle's bytes are borrowed: while an entry is
   * hashed the leaf prefix stands in the byte before it, whose own value is back afterwards.
   */
  hash(bundle: EntryBundle): BundleHashes {
    const { width } = bundle;
    // Asked for once: a view of the buffer is made in half the time of a view of the bytes.
    const { buffer, byteOffset } = bundle.bytes;
    const leaves: Digest[] = [];
    for (let at = 0; at < width; at += 1) {
      // An entry follows its length, and one byte before it is all that is needed.
      const start = bundle.start(at) - PREFIX_SIZE_BYTES;
      const input = new Uint8Array(buffer, byteOffset + start, bundle.end(at) - start);
      leaves.push(prefixedDigest(input, LEAF_PREFIX));
    }
    if (width === TILE_WIDTH) return { root: this.#root(leaves), hashes: this.#leaves(width) };
    const [row] = this.#rows;
    if (row) writeDigests(leaves, row.bytes, PREFIX_SIZE_BYTES);
    return { root: undefined, hashes: this.#leaves(width) };
  }

  #leaves(width: number): Uint8Array {
    const end = PREFIX_SIZE_BYTES + width * HASH_SIZE_BYTES;
    return this.#rows[0]?.bytes.subarray(PREFIX_SIZE_BYTES, end) ?? new Uint8Array();
  }

  #root(leaves: readonly Digest[]): Hash {
    let digests = leaves;
    for (const { bytes, pairs } of this.#rows) {
      writeDigests(digests, bytes, PREFIX_SIZE_BYTES);
      digests = pairs.map((pair) => prefixedDigest(pair, NODE_PREFIX));
    }
    const root = new Uint8Array(HASH_SIZE_BYTES);
    writeDigests(digests, root, 0);
    return root;
  }
}

function rowOf(hashes: number): Row {
  const bytes = new Uint8Array(PREFIX_SIZE_BYTES + hashes * HASH_SIZE_BYTES);
  const pairs = Array.from({ length: hashes / 2 }, (_, at) => {
    const start = at * PAIR_SIZE_BYTES;
    return bytes.subarray(start, start + PREFIX_SIZE_BYTES + PAIR_SIZE_BYTES);
  });
  return { bytes, pairs };
}

/** Hashes bytes as if the first one were the prefix: copying them behind one costs a part of a hash. */
function prefixedDigest(input: Uint8Array, prefix: number): Digest {
  const first = input[0] ?? 0;
  input[0] = prefix;
  const digest = digestOf(input);
  input[0] = first;
  return digest;
}
