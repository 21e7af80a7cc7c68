export type CopyRefusal =
  /** The target holds something that the source does not hold at that place. */
  | 'migrate.target-not-a-prefix'
  /** The target is not as it was compared: somebody else writes, or the source has a gap. */
  | 'migrate.target-changed';

/** A copy cannot go on without making the target a different log. What is stored stays. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';

  constructor(
    readonly code: CopyRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
