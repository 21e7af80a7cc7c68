import { EMPTY_ROOT, HASH_SIZE_BYTES, TILE_WIDTH, type Hash, type Policy } from '#merkle';
import { equalBytes } from '../bytes.js';
import type { Fault, FaultKind } from '../verdict.js';
import type { SignedTree } from './signed-tree.js';
import { trustedCheckpoint } from './trust.js';
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
/** A log whose tree was judged. */
export type SignedLog = {
  readonly size: number;
  readonly root: Hash;
  /** Undefined for a log without leaves. */
  readonly tree: SignedTree | undefined;
};

/** What the signed tree had as its root at a size, beside what a checkpoint has. */
type Compared = 'same' | 'other' | 'unknown' | 'beyond';

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
  /** The leaf hashes of the partial tile that each size ended in, by size, where they are certain. */
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

  /** Keeps what of a bundle is needed to judge; of one that disagrees the walk keeps more. */
  see({ number, hashes, agrees, entries, tile }: WalkedBundle): void {
    const isOneThere = (entries.content === undefined) !== (tile.content === undefined);
    if (!agrees && !isOneThere) return;
    for (const size of this.#sizesIn.get(number) ?? []) {
      // Not by slice, which of a Buffer copies nothing.
      const end = (size % TILE_WIDTH) * HASH_SIZE_BYTES;
      this.#ends.set(size, new Uint8Array(hashes.subarray(0, end)));
    }
  }

  /** @param log judged before, and so what of its tree is known to be the signed one */
  judge(log: SignedLog): readonly Fault[] {
    const found = new Map(this.#held.map((one) => [one, this.#compare(log, one)] as const));
    this.#agreeing = new Set(this.#held.filter((one) => found.get(one) === 'same'));
    const { sizes } = this;
    for (const [one, is] of found) {
      const { size } = one;
      if (is === 'same') continue;
      const before = Math.max(0, ...sizes.filter((same) => same < size));
      this.#fault(one, size, faultInWords(is, { size, before, now: log.size }));
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

  #compare({ size: now, root: signed, tree }: SignedLog, { size, root }: Held): Compared {
    if (size > now) return 'beyond';
    if (size === 0) return equalBytes(EMPTY_ROOT, root) ? 'same' : 'other';
    const then = size === now ? signed : tree?.rootAt(size, this.#ends.get(size));
    if (!then) return 'unknown';
    return equalBytes(then, root) ? 'same' : 'other';
  }

  #fault({ what, path }: Place, index: number | null, reason: string): void {
    this.#faults.push({ what, index, reason, ...(path === undefined ? {} : { path }) });
  }
}

function faultInWords(
  is: Exclude<Compared, 'same'>,
  at: { readonly size: number; readonly before: number; readonly now: number },
): string {
  const { size, before, now } = at;
  switch (is) {
    case 'beyond':
      return `it once had ${size} leaves and now has ${now}: it was rolled back or cut off`;
    case 'other':
      return `its first ${size} leaves are not those that were signed then: history was rewritten or forked at an index from ${before} to ${size - 1}`;
    case 'unknown':
      return `it cannot be judged whether the log still extends these ${size} leaves: the tiles and entries that would show it do not lead to the signed root; of a rewrite this alone says nothing`;
  }
}

function placeOf(named: string | NamedNote, from: NotesToHold['from']): Place {
  if (typeof named === 'string') return { what: from === 'kept' ? 'kept' : 'checkpoint' };
  const { path } = named;
  if (from === 'kept') return { what: 'kept', path };
  return { what: path.startsWith('time/') ? 'time-token' : 'checkpoint', path };
}
