import type { Position } from '#kernel';
import { checkpointInMark } from './known-checkpoints.js';
import { LEDGER_MARK, type LedgerParts } from './ledger-parts.js';

/**
 * How far the log is ahead of what was signed, for while nothing can be signed and so nothing is read.
 * Believes what says that it was signed: it is for numbers, and nothing is signed by it.
 */
export class StalledLog {
  #signedSize = 0;
  #storedSize = 0;
  #head: Position | undefined;

  constructor(private readonly parts: Pick<LedgerParts, 'eventStore' | 'folder'>) {}

  /** Leaves of the last checkpoint; 0 when none was found. */
  get signedSize(): number {
    return this.#signedSize;
  }

  /** Events that no checkpoint covers. */
  get unsigned(): number {
    return Math.max(0, this.#storedSize - this.#signedSize);
  }

  /** Looks again, given the size that is known to be signed; what cannot be read stays as it was. */
  async look(signedSize: bigint | undefined): Promise<void> {
    const signed = signedSize === undefined ? await this.#remembered() : [signedSize];
    this.#signedSize = Math.max(this.#signedSize, ...signed.map(Number));
    await Promise.allSettled([this.#count()]);
  }

  async #remembered(): Promise<readonly bigint[]> {
    const { eventStore, folder } = this.parts;
    const inMark = async () => {
      const mark = await eventStore.readMark(LEDGER_MARK);
      return mark && checkpointInMark(mark);
    };
    const found = await Promise.allSettled([inMark(), folder.checkpoint()]);
    return found.map((one) => (one.status === 'fulfilled' ? (one.value?.size ?? 0n) : 0n));
  }

  async #count(): Promise<void> {
    const { eventStore } = this.parts;
    const head = await eventStore.head();
    if (head === this.#head) return;
    this.#storedSize = head === undefined ? 0 : await eventStore.countUpTo(head);
    this.#head = head;
  }
}
