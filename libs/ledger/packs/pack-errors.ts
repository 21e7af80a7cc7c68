/** Stable literals; documented with their HTTP status in the door's catalogue. */
export type PackRefusedCode =
  /** There are no events in that stream. */
  | 'ledger.unknown-stream'
  /** The stream has events that no checkpoint covers yet. */
  | 'ledger.not-yet-signed'
  /** More than one pack may hold. */
  | 'ledger.pack-too-large'
  /** What is to be withheld, or alone to be shown, is not there: a slip would show what must not be. */
  | 'ledger.unknown-scope'
  /** A stored event is not the one that was signed. */
  | 'ledger.event-differs'
  /** What somebody kept says nothing of this pack: no checkpoint, another log's, or a later one. */
  | 'ledger.kept-unusable'
  /** This log signed the checkpoint that somebody kept, and does not extend it: evidence. */
  | 'ledger.kept-differs';

/** A pack cannot be made of what is there, or as it was asked for. Nothing was written. */
export class PackRefused extends Error {
  override readonly name = 'PackRefused';

  constructor(
    readonly code: PackRefusedCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
