import { EMPTY_ROOT, HASH_SIZE_BYTES, TILE_WIDTH, type Hash, type Policy } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { Fault, FaultKind } from '../verdict.js';
import { trustedCheckpoint } from './trust.js';
import { rootOfEdges, type TreeLevels } from './tree-levels.js';
import type { WalkedBundle } from './tree-walk.js';

/** Checkpoints of one log that a verifier is given. */
export const KEPT_MAX = 1_000;

/** Signed checkpoints that lie in a ledger, beside the latest one. */
export const BESIDE_MAX = 10_000;

/** A signed note, and the name of the file that it was read from, for whoever looks for a fault. */
export type NamedNote = { readonly path: string; readonly note: string | Uint8Array };

export type NotesToHold = {
  readonly notes: readonly (string | NamedNote)[];
  readonly policy: Policy;
  /** The log that they must be of. */
  readonly origin: string;
  /** Whether an auditor brought them, or they lie in the ledger itself. */
  readonly from: 'kept' | 'beside';
};

type Place = { readonly what: FaultKind; readonly path?: string };
type Held = Place & { readonly size: number; readonly root: Hash };

/**
 * Signed checkpoints that are held against a tree: it must have had each of these roots when it had
 * that size, or history was changed after it was signed. Those that an auditor kept are memory
 * outside the house; those beside the latest one show what the house itself has signed.
 */
export class KeptCheckpoints {
  readonly #held: Held[] = [];
  readonly #faults: Fault[] = [];
  #agreeing: ReadonlySet<Held> = new Set();
  /** Sizes that end within a bundle, by its number. */
  readonly #sizesIn = new Map<number, Set<number>>();
  /** The leaf hashes of the partial tile that each size ended in, by size. */
  readonly #ends = new Map<number, Uint8Array>();

  constructor({ notes, policy, origin, from }: NotesToHold) {
    const notesMax = from === 'kept' ? KEPT_MAX : BESIDE_MAX;
    const article = from === 'kept' ? 'a kept checkpoint' : 'it';
    for (const named of notes.slice(0, notesMax)) {
      const place = placeOf(named, from);
      const note = typeof named === 'string' ? named : named.note;
      const trusted = trustedCheckpoint(note, policy);
      if (!trusted.ok) {
        const reason = from === 'kept' ? `${article}: ${trusted.reason}` : trusted.reason;
        this.#fault(place, null, reason);
      } else if (trusted.checkpoint.origin !== origin) {
        const reason = `${article} is of the log ${trusted.checkpoint.origin}`;
        this.#fault(place, trusted.size, reason);
      } else {
        this.#hold({ ...place, size: trusted.size, root: trusted.checkpoint.root });
      }
    }
    if (notes.length > notesMax) {
      const reason = `at most ${notesMax} ${from} checkpoints are read`;
      this.#fault({ what: from === 'kept' ? 'kept' : 'checkpoint' }, null, reason);
    }
  }

  /** Sizes that the tree was found to have had with these roots; none before {@link judge}. */
  get sizes(): readonly number[] {
    return [...this.#agreeing].map(({ size }) => size);
  }

  /** Keeps what of a bundle is needed to judge. */
  see({ number, hashes }: WalkedBundle): void {
    for (const size of this.#sizesIn.get(number) ?? []) {
      this.#ends.set(size, hashes.slice(0, (size % TILE_WIDTH) * HASH_SIZE_BYTES));
    }
  }

  judge(tree: TreeLevels, treeSize: number): readonly Fault[] {
    const within = this.#held.filter(({ size }) => size <= treeSize);
    const agreeing = new Set(within.filter((one) => this.#isRoot(tree, one)));
    this.#agreeing = agreeing;
    const { sizes } = this;
    for (const one of this.#held) {
      const { size } = one;
      if (agreeing.has(one)) continue;
      if (size > treeSize) {
        const reason = `it once had ${size} leaves and now has ${treeSize}: it was rolled back or cut off`;
        this.#fault(one, size, reason);
      } else {
        const before = sizes.reduce(
          (most, found) => (found < size ? Math.max(most, found) : most),
          0,
        );
        const reason = `its first ${size} leaves are not those that were signed then: history was rewritten or forked at an index from ${before} to ${size - 1}`;
        this.#fault(one, size, reason);
      }
    }
    return this.#faults;
  }

  #hold(held: Held): void {
    this.#held.push(held);
    if (held.size % TILE_WIDTH === 0) return;
    const bundle = Math.floor(held.size / TILE_WIDTH);
    const sizes = this.#sizesIn.get(bundle) ?? new Set();
    this.#sizesIn.set(bundle, sizes.add(held.size));
  }

  #isRoot(tree: TreeLevels, { size, root }: Held): boolean {
    const found = size === 0 ? EMPTY_ROOT : rootOfEdges(this.#edges(tree, size));
    return found !== undefined && equalBytes(found, root);
  }

  /** The partial tiles that the tree had at its right edge when it had the size. */
  #edges(tree: TreeLevels, size: number): readonly Uint8Array[] {
    const edges = [this.#ends.get(size) ?? new Uint8Array()];
    for (let level = 1; level < tree.levels; level += 1) {
      const count = Math.floor(size / TILE_WIDTH ** level);
      const start = count - (count % TILE_WIDTH);
      edges.push(tree.level(level).subarray(start * HASH_SIZE_BYTES, count * HASH_SIZE_BYTES));
    }
    return edges;
  }

  #fault({ what, path }: Place, index: number | null, reason: string): void {
    this.#faults.push({ what, index, reason, ...(path === undefined ? {} : { path }) });
  }
}

function placeOf(named: string | NamedNote, from: NotesToHold['from']): Place {
  if (typeof named === 'string') return { what: from === 'kept' ? 'kept' : 'checkpoint' };
  const { path } = named;
  if (from === 'kept') return { what: 'kept', path };
  return { what: path.startsWith('time/') ? 'time-token' : 'checkpoint', path };
}
