/** What was opened, to be closed once and in the opposite order, whoever asks first. */
export class Closing {
  readonly #ends: (() => Promise<void>)[] = [];
  #closed: Promise<void> | undefined;

  add(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Resolves when everything is closed. Idempotent. @throws what an end throws first. */
  close(): Promise<void> {
    return (this.#closed ??= this.closeAll());
  }

  /** Each end gets its turn, also after one that failed: a held lock outlives no process by choice. */
  private async closeAll(): Promise<void> {
    const faults: unknown[] = [];
    for (const end of this.#ends.toReversed()) {
      await end().catch((error: unknown) => faults.push(error));
    }
    if (faults.length > 0) throw faults[0];
  }
}
