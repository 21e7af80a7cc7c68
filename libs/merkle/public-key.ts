import { MerkleError } from './merkle-error.js';

export const PUBLIC_KEY_SIZE_BYTES = 32;

/** The field of edwards25519, and its d (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const Y_BITS = 2n ** 255n - 1n;

/** The y of a point of order 8; its negative is that of another one. */
const Y_OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
/** The y of all eight points whose order divides 8. Orders: 1, 2, 4 (twice), 8 (four). */
const LOW_ORDER_YS: ReadonlySet<bigint> = new Set([1n, P - 1n, 0n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/**
 * Refuses what no honest signer has as a public key: under a key of low order one signature fits
 * many messages, and a key written in two ways has two key ids. Throws `key.malformed`,
 * `key.low-order` or `key.non-canonical`.
 */
export function checkPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== PUBLIC_KEY_SIZE_BYTES) {
    throw new MerkleError('key.malformed', 'an Ed25519 public key has 32 bytes');
  }
  const encoded = publicKey.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const y = encoded & Y_BITS;
  if (LOW_ORDER_YS.has(y % P)) {
    throw new MerkleError('key.low-order', 'the Ed25519 public key is a point of low order');
  }
  if (y >= P) {
    throw new MerkleError('key.non-canonical', 'the Ed25519 public key is not written canonically');
  }
  if (!isOnCurve(y)) {
    throw new MerkleError('key.malformed', 'the Ed25519 public key is no point of the curve');
  }
}

/** x² = (y² − 1) / (d·y² + 1) has a root where the product of both is a square (Euler). */
function isOnCurve(y: bigint): boolean {
  const ySquared = (y * y) % P;
  const product = ((ySquared - 1n + P) * (D * ySquared + 1n)) % P;
  return power(product, (P - 1n) / 2n) === 1n;
}

function power(value: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = value % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
