export type EvidenceCode =
  | 'event.malformed'
  | 'leaf.malformed'
  | 'leaf.too-large'
  | 'payload.malformed'
  | 'chronology.too-large'
  | 'zip.malformed'
  | 'zip.too-large'
  | 'pack.malformed'
  | 'scope.malformed'
  | 'verification.misused';

/** What was handed over is not of the format that it should be; messages name no personal data. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';

  constructor(
    readonly code: EvidenceCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
