import { EMPTY_ROOT, HASH_SIZE_BYTES, TILE_WIDTH, type Hash, type Policy } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { Fault } from '../verdict.js';
import { trustedCheckpoint } from './trust.js';
import { rootOfEdges, type TreeLevels } from './tree-levels.js';
import type { WalkedBundle } from './tree-walk.js';

/** Checkpoints of one log that a verifier is given. */
export const KEPT_MAX = 1_000;

type Kept = { readonly size: number; readonly root: Hash };

/**
 * Checkpoints that an auditor kept: memory outside the house. The tree must have had each of these
 * roots when it had that size, or history was changed after it was signed.
 */
export class KeptCheckpoints {
  readonly #kept: Kept[] = [];
  readonly #faults: Fault[] = [];
  /** The leaf hashes of the partial tile that each kept size ended in, by size. */
  readonly #ends = new Map<number, Uint8Array>();

  constructor(notes: readonly string[], policy: Policy, origin: string) {
    for (const note of notes.slice(0, KEPT_MAX)) {
      const trusted = trustedCheckpoint(note, policy);
      if (!trusted.ok) this.#fault(null, `a kept checkpoint: ${trusted.reason}`);
      else if (trusted.checkpoint.origin !== origin) {
        this.#fault(trusted.size, `a kept checkpoint is of the log ${trusted.checkpoint.origin}`);
      } else this.#kept.push({ size: trusted.size, root: trusted.checkpoint.root });
    }
    if (notes.length > KEPT_MAX) this.#fault(null, `at most ${KEPT_MAX} kept checkpoints are read`);
  }

  /** Sizes that the tree was found to have had with the kept roots; after {@link judge}. */
  get sizes(): readonly number[] {
    return this.#kept.map(({ size }) => size);
  }

  /** Keeps what of a bundle is needed to judge. */
  see({ number, hashes }: WalkedBundle): void {
    for (const { size } of this.#kept) {
      const width = size % TILE_WIDTH;
      if (width > 0 && Math.floor(size / TILE_WIDTH) === number) {
        this.#ends.set(size, hashes.slice(0, width * HASH_SIZE_BYTES));
      }
    }
  }

  judge(tree: TreeLevels, treeSize: number): readonly Fault[] {
    const agreeing = this.#kept
      .filter(({ size, root }) => size <= treeSize && this.#isRoot(tree, size, root))
      .map(({ size }) => size);
    for (const { size, root } of this.#kept) {
      if (size > treeSize) {
        const reason = `it once had ${size} leaves and now has ${treeSize}: it was rolled back or cut off`;
        this.#fault(size, reason);
      } else if (!this.#isRoot(tree, size, root)) {
        const before = Math.max(0, ...agreeing.filter((one) => one < size));
        const reason = `its first ${size} leaves are not those that were signed then: history was rewritten or forked at an index from ${before} to ${size - 1}`;
        this.#fault(size, reason);
      }
    }
    return this.#faults;
  }

  #isRoot(tree: TreeLevels, size: number, root: Hash): boolean {
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

  #fault(index: number | null, reason: string): void {
    this.#faults.push({ what: 'kept', index, reason });
  }
}
