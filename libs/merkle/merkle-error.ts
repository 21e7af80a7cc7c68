/** What can be wrong, as callers and verdicts tell it apart. Written once, never changed. */
export type MerkleErrorCode =
  | 'checkpoint.malformed'
  | 'cosignature.malformed'
  | 'entries.malformed'
  | 'key.ambiguous'
  | 'key.low-order'
  | 'key.malformed'
  | 'key.non-canonical'
  | 'key.unsupported'
  | 'note.malformed'
  | 'note.signature-invalid'
  | 'note.unsigned'
  | 'policy.log-unknown'
  | 'policy.malformed'
  | 'policy.quorum-not-met'
  | 'proof.out-of-range'
  | 'tile.malformed'
  | 'tlog-proof.malformed'
  | 'tlog-proof.not-included'
  | 'tree.malformed';

/** Every refusal of this room; `code` is stable, `message` is for people and may change. */
export class MerkleError extends Error {
  override readonly name = 'MerkleError';

  constructor(
    readonly code: MerkleErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
