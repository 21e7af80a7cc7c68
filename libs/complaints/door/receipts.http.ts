import type { SaltedId } from '#event-store/port';

/**
 * Where the proof of an event is found, by its id and salt: what a complainant keeps, so that the
 * house cannot later say otherwise. A path of this server, or an absolute address where the server
 * knows its own. Whoever holds the link sees the proof, so it must not be guessed: ids can be, made as
 * they are of who acted and the key of a request; the salt is 128 random bits.
 */
export type ReceiptLink = (event: SaltedId) => string;

/** Links to proofs; none where no ledger is kept. A class, so that it can be injected. */
export class Receipts {
  constructor(private readonly link: ReceiptLink | undefined) {}

  /** Undefined for a command that recorded nothing: there is nothing to prove then. */
  linkOf(event: SaltedId | undefined): string | undefined {
    return event && this.link?.(event);
  }
}
