/**
 * Where the proof of an event is found, by its id: what a complainant keeps, so that the house cannot
 * later say otherwise. A path of this server, or an absolute address where the server knows its own.
 */
export type ReceiptLink = (eventId: string) => string;

/** Links to proofs; none where no ledger is kept. A class, so that it can be injected. */
export class Receipts {
  constructor(private readonly link: ReceiptLink | undefined) {}

  /** Undefined for a command that recorded nothing: there is nothing to prove then. */
  linkOf(eventId: string | undefined): string | undefined {
    return eventId === undefined ? undefined : this.link?.(eventId);
  }
}
