import type { Checkpoint, EntryBundle } from '#merkle';
import type { FaultList } from '../verdict.js';
import { LeafScan, maybeLeaf } from './leaf-scan.js';
import { StreamRevisions } from './stream-revisions.js';
import type { WalkedBundle } from './tree-walk.js';

/** Checks what leaves say of themselves: their place, their log, and that no stream has a gap. */
export class LeafChecks {
  readonly #streams: StreamRevisions;
  readonly #scan: LeafScan;
  /** Leaves that could not be read: their streams are not known, so gaps tell nothing. */
  #unread = 0;

  constructor(
    { origin, root }: Pick<Checkpoint, 'origin' | 'root'>,
    private readonly faults: FaultList,
  ) {
    this.#scan = new LeafScan(origin);
    this.#streams = new StreamRevisions(root);
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
    for (let at = 0; at < width; at += 1) this.#checkLeaf(entries.content, at, first + at);
  }

  #checkLeaf(bundle: EntryBundle, at: number, index: number): void {
    const leaf = this.#scan.leaf(bundle.bytes, bundle.start(at), bundle.end(at));
    if (!leaf) {
      this.#unread += 1;
      this.faults.add({ what: 'leaf', index, reason: 'the entry is no leaf record' });
      return;
    }
    if (leaf.index !== index) {
      this.#fault(bundle.entry(at), index, `it says that its index is ${leaf.index}`);
    }
    if (!leaf.isOfOrigin) this.#fault(bundle.entry(at), index, 'it is of another log');
    const { revision } = leaf;
    const expected = this.#streams.follow(leaf.stream, revision);
    if (revision === expected || this.#unread > 0) return;
    const reason = `it is revision ${revision} of its stream, where ${expected} comes next`;
    this.#fault(bundle.entry(at), index, reason);
  }

  #fault(entry: Uint8Array, index: number, reason: string): void {
    const eventId = maybeLeaf(entry)?.id;
    this.faults.add({ what: 'leaf', index, ...(eventId === undefined ? {} : { eventId }), reason });
  }
}
