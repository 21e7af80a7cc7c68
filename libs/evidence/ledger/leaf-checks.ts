import type { FaultList } from '../verdict.js';
import { LeafScan, maybeLeaf } from './leaf-scan.js';
import { StreamRevisions } from './stream-revisions.js';
import type { WalkedBundle } from './tree-walk.js';

/** Checks what leaves say of themselves: their place, their log, and that no stream has a gap. */
export class LeafChecks {
  readonly #streams = new StreamRevisions();
  readonly #scan: LeafScan;
  /** Leaves that could not be read: their streams are not known, so gaps tell nothing. */
  #unread = 0;

  constructor(
    origin: string,
    private readonly faults: FaultList,
  ) {
    this.#scan = new LeafScan(origin);
  }

  /** Streams seen, where every one was found without a gap. */
  get streams(): number | undefined {
    return this.#unread === 0 ? this.#streams.streams : undefined;
  }

  /** A bundle whose entries are those that its tile names; others are judged as a whole. */
  check({ first, entries, agrees, width }: WalkedBundle): void {
    if (!agrees || !entries.content) {
      this.#unread += width;
      return;
    }
    for (const [at, entry] of entries.content.entries.entries()) {
      this.#checkLeaf(entry, first + at);
    }
  }

  #checkLeaf(entry: Uint8Array, index: number): void {
    const leaf = this.#scan.leaf(entry);
    if (!leaf) {
      this.#unread += 1;
      this.faults.add({ what: 'leaf', index, reason: 'the entry is no leaf record' });
      return;
    }
    if (leaf.index !== index) this.#fault(entry, index, `it says that its index is ${leaf.index}`);
    if (!leaf.isOfOrigin) this.#fault(entry, index, 'it is of another log');
    const { revision } = leaf;
    const expected = this.#streams.follow(leaf.stream, revision);
    if (revision === expected || this.#unread > 0) return;
    const reason = `it is revision ${revision} of its stream, where ${expected} comes next`;
    this.#fault(entry, index, reason);
  }

  #fault(entry: Uint8Array, index: number, reason: string): void {
    const eventId = maybeLeaf(entry)?.id;
    this.faults.add({ what: 'leaf', index, ...(eventId === undefined ? {} : { eventId }), reason });
  }
}
