import type { FaultList } from '../verdict.js';
import { LeafScan, type ScannedLeaf } from './leaf-scan.js';
import { StreamRevisions } from './stream-revisions.js';
import type { WalkedBundle } from './tree-walk.js';

/** Checks what leaves say of themselves: their place, their log, and that no stream has a gap. */
export class LeafChecks {
  readonly #streams = new StreamRevisions();
  /** Leaves that could not be read: their streams are not known, so gaps tell nothing. */
  #unread = 0;

  constructor(
    private readonly origin: string,
    private readonly faults: FaultList,
  ) {}

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
    const scan = new LeafScan(entries.content.bytes);
    for (const [at, entry] of entries.content.entries.entries()) {
      this.#checkLeaf(scan.leaf(entry), first + at);
    }
  }

  #checkLeaf(leaf: ScannedLeaf | undefined, index: number): void {
    if (!leaf) {
      this.#unread += 1;
      this.faults.add({ what: 'leaf', index, reason: 'the entry is no leaf record' });
      return;
    }
    const { id: eventId, origin, revision, stream } = leaf;
    if (leaf.index !== index) {
      const reason = `the leaf says that its index is ${leaf.index}`;
      this.faults.add({ what: 'leaf', index, eventId, reason });
    }
    if (origin !== this.origin) {
      this.faults.add({ what: 'leaf', index, eventId, reason: 'the leaf is of another log' });
    }
    const expected = this.#streams.follow(stream, revision);
    if (revision !== expected && this.#unread === 0) {
      const reason = `it is revision ${revision} of its stream, where ${expected} comes next`;
      this.faults.add({ what: 'leaf', index, eventId, reason });
    }
  }
}
