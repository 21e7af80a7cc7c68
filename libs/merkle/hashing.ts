import { digestOf, sha256, writeDigest } from './sha256.js';

/** 32 bytes: a SHA-256 digest. */
export type Hash = Uint8Array;

export const HASH_SIZE_BYTES = 32;

/** What keeps a leaf from passing for a node (RFC 6962 §2.1, RFC 9162 §2.1.1). */
export const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;

/** The root of the tree without leaves: SHA-256 of nothing (RFC 9162 §2.1.1). */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0));

/** SHA-256(0x00 ‖ entry) (RFC 9162 §2.1.1). */
export function leafHash(entry: Uint8Array): Hash {
  const input = new Uint8Array(1 + entry.length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

/** SHA-256(0x01 ‖ left ‖ right) (RFC 9162 §2.1.1). */
export function nodeHash(left: Hash, right: Hash): Hash {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return sha256(input);
}

const LEFT_AT = 1;
const RIGHT_AT = LEFT_AT + HASH_SIZE_BYTES;
/** One for all: nothing here waits, so nobody else writes into it before it is hashed. */
const nodeInput = new Uint8Array(RIGHT_AT + HASH_SIZE_BYTES).fill(NODE_PREFIX, 0, LEFT_AT);

/** `nodeHash` of two hashes of 32 bytes into a third, which may be one of them; allocates nothing. */
export function nodeHashInto(left: Hash, right: Hash, target: Hash): void {
  nodeInput.set(left, LEFT_AT);
  nodeInput.set(right, RIGHT_AT);
  writeDigest(digestOf(nodeInput), target, 0);
}
