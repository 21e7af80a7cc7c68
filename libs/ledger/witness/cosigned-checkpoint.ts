import { MerkleError, openCheckpoint, type Hash, type VerifierKey } from '#merkle';
import { sealOf } from './sealed-text.js';

/** A checkpoint that this witness cosigned. */
export type CosignedCheckpoint = {
  /** Text, the log's signatures that were verified, and the witness's own. */
  readonly note: string;
  readonly origin: string;
  readonly size: bigint;
  readonly root: Hash;
  /** When it was cosigned. */
  readonly unixSeconds: bigint;
};

/** Name of a log in addresses and files: SHA-256 of its origin, in lower-case hex. */
export function originHashOf(origin: string): string {
  return sealOf(origin);
}

/** Opens what the witness cosigned before; undefined when its key did not. */
export function openCosigned(note: string, key: VerifierKey): CosignedCheckpoint | undefined {
  try {
    const { checkpoint, cosigned } = openCheckpoint(note, [key]);
    const { origin, size, root } = checkpoint;
    const [own] = cosigned;
    return own && { note, origin, size, root, unixSeconds: own.unixSeconds };
  } catch (error) {
    if (error instanceof MerkleError) return undefined;
    throw error;
  }
}
