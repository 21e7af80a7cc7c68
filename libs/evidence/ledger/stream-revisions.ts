import { sha256 } from '#merkle';
import { equalBytes } from '../bytes.js';

const SLOTS_AT_FIRST = 1 << 12;
/** What a slot can hold; no stream comes near it. */
const REVISION_MAX = 0xffff_ffff;
/** Beyond this share of used slots, looking one up takes long. */
const FILL_MAX = 0.6;

/**
 * The next revision of every stream. Twelve bytes and a few spare ones a stream, because a log has a
 * stream for each complaint: a Map of names would take ten times as much. Streams are told apart by
 * 64 bits of SHA-256, which nobody can make collide for two streams of a log of his choice in less
 * than 2^32 tries; what a collision could hide is a gap, never a changed leaf.
 */
export class StreamRevisions {
  #high = new Uint32Array(SLOTS_AT_FIRST);
  #low = new Uint32Array(SLOTS_AT_FIRST);
  /** Next revision of the stream in the slot; 0 for a slot that is free. */
  #next = new Uint32Array(SLOTS_AT_FIRST);
  #streams = 0;
  /** Events of one command stand one after another, and need not be looked up again. */
  #last: Uint8Array | undefined;
  #lastSlot = 0;

  /** The revision that the stream's next event must have; then takes note of the one it has. */
  follow(stream: Uint8Array, revision: number): number {
    const isLast = this.#last !== undefined && equalBytes(stream, this.#last);
    const slot = isLast ? this.#lastSlot : this.#find(stream);
    const expected = this.#next[slot] ?? 0;
    // After a gap the stream goes on from where it is, so that one gap is one fault.
    this.#next[slot] = Math.min(revision + 1, REVISION_MAX);
    if (expected === 0) this.#streams += 1;
    if (this.#streams > this.#next.length * FILL_MAX) this.#grow();
    return expected;
  }

  /** The slot of a stream, its own from now on. */
  #find(stream: Uint8Array): number {
    const hash = sha256(stream);
    const view = new DataView(hash.buffer, hash.byteOffset);
    const [high, low] = [view.getUint32(0), view.getUint32(4)];
    const slot = this.#slotOf(high, low);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#last = stream;
    this.#lastSlot = slot;
    return slot;
  }

  get streams(): number {
    return this.#streams;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#next.length - 1;
    let slot = low & mask;
    // Ends, because the table is never full.
    while (this.#next[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    this.#last = undefined;
    const [high, low, next] = [this.#high, this.#low, this.#next];
    this.#high = new Uint32Array(next.length * 2);
    this.#low = new Uint32Array(next.length * 2);
    this.#next = new Uint32Array(next.length * 2);
    for (const [at, revision] of next.entries()) {
      if (revision === 0) continue;
      const slot = this.#slotOf(high[at] ?? 0, low[at] ?? 0);
      this.#high[slot] = high[at] ?? 0;
      this.#low[slot] = low[at] ?? 0;
      this.#next[slot] = revision;
    }
  }
}
