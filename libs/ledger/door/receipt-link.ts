/** Where the proof of an event is fetched, on every server of this kind. */
export const PROOFS_PATH = '/ledger/proofs';

/**
 * Links to proofs by event id: absolute where the server knows the address that the public has for it
 * (without a slash at its end), else a path of this server.
 */
export function receiptLinks(publicUrl: string | undefined): (eventId: string) => string {
  const start = `${publicUrl ?? ''}${PROOFS_PATH}`;
  return (eventId) => `${start}/${eventId}`;
}
