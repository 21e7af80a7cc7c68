import { EvidenceError } from '#evidence';
import { MerkleError } from '#merkle';
import { LedgerError } from './ledger-error.js';

/**
 * Reads files of our own ledger: one that is none is damage, whoever finds it and at whatever place.
 * @throws LedgerError `ledger.damaged` for what cannot be parsed; what `read` throws else.
 */
export async function orDamaged<Found>(read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof MerkleError || cause instanceof EvidenceError)) throw cause;
    throw new LedgerError('ledger.damaged', `a file of the ledger: ${cause.message}`, { cause });
  }
}
