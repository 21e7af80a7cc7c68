import type { SaltedId } from '#event-store/port';
import { leafSaltOf } from '#evidence';

/** Where the proof of an event is fetched, on every server of this kind. */
export const PROOFS_PATH = '/ledger/proofs';

/** 128 bits in base64url, as a leaf shows its salt. */
export const LEAF_SALT = /^[A-Za-z0-9_-]{22}$/;

/**
 * Links to proofs: absolute where the server knows the address that the public has for it (without a
 * slash at its end), else a path of this server. They carry the salt that the leaf shows, which is
 * derived one way from that of the event: who has a link can see the leaf, and nobody finds one.
 */
export function receiptLinks(publicUrl: string | undefined): (event: SaltedId) => string {
  const start = `${publicUrl ?? ''}${PROOFS_PATH}`;
  return ({ id, salt }) => `${start}/${id}?salt=${leafSaltOf(salt)}`;
}
