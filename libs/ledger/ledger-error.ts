/** What went wrong with the ledger. Stored names: never changed or reused. */
export type LedgerErrorCode =
  /** The log is shorter than, or another than, what was signed. */
  | 'ledger.log-does-not-extend'
  /** Two signed checkpoints that no one log can both have. */
  | 'ledger.forked'
  /** The key at hand is not the one that signed the last checkpoint. */
  | 'ledger.key-changed'
  /** A checkpoint was signed, and the key that did it is gone. */
  | 'ledger.key-missing'
  /** The key file is none, is of another log, or may be read by others. */
  | 'ledger.key-unusable'
  /** A kept checkpoint is none that anybody signed. */
  | 'ledger.checkpoint-malformed'
  /** An event has no leaf record: it was not written by this product. */
  | 'ledger.event-malformed'
  /** The folder cannot be read or written. */
  | 'ledger.folder-unavailable'
  /** The place outside cannot be reached. */
  | 'ledger.outside-unavailable'
  /** The place outside remembers nothing, and others remember that something was signed. */
  | 'ledger.outside-empty'
  /** A ledger elsewhere cannot be reached. */
  | 'ledger.unreachable'
  /** The ledger's folder does not hold what was signed; it is made anew from the log. */
  | 'ledger.damaged'
  /** No checkpoint covers it yet. */
  | 'ledger.not-covered'
  /** The sequencer ended before it was covered. */
  | 'ledger.stopped';

/** Codes of what passes by itself; all others want somebody to look. */
const PASSING: readonly LedgerErrorCode[] = [
  'ledger.folder-unavailable',
  'ledger.outside-unavailable',
  'ledger.outside-empty',
];

export class LedgerError extends Error {
  override readonly name = 'LedgerError';

  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether trying again may help without anybody doing something about it. */
  get isPassing(): boolean {
    return PASSING.includes(this.code);
  }
}
