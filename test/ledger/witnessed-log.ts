import { createHash } from 'node:crypto';
import {
  formatCheckpoint,
  formatVerifierKey,
  newSignerKey,
  signNote,
  verifierKeyOf,
  type SignerKey,
} from '#merkle';
import { formatAddCheckpoint } from '#ledger/witness';

function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function seedOf(text: string): Uint8Array {
  return sha256('seed ', text);
}

/**
 * A log to be witnessed, by the definitions of RFC 6962 §2.1 written down naively: what it proves
 * owes nothing to the code under test.
 */
export class WitnessedLog {
  readonly #leaves: Buffer[] = [];
  readonly #roots = new Map<string, Buffer>();
  readonly key: SignerKey;

  constructor(
    readonly origin: string,
    private readonly history = 'the one',
    key?: SignerKey,
  ) {
    this.key = key ?? newSignerKey(origin, seedOf(origin));
  }

  /** The same log, signed with the same key, that begins the same and goes on otherwise. */
  forkedAt(size: number): WitnessedLog {
    const fork = new WitnessedLog(this.origin, `a fork at ${size}`, this.key);
    this.grow(size);
    fork.#leaves.push(...this.#leaves.slice(0, size));
    return fork;
  }

  get vkey(): string {
    return formatVerifierKey(verifierKeyOf(this.key));
  }

  root(size: number): Buffer {
    this.grow(size);
    return this.rootOf(0, size);
  }

  /** The signed checkpoint of a size. */
  note(size: number, extensions: readonly string[] = []): string {
    const root = this.root(size);
    const checkpoint = { origin: this.origin, size: BigInt(size), root, extensions };
    return signNote(formatCheckpoint(checkpoint), this.key);
  }

  /** PROOF(m, D[n]) of RFC 6962 §2.1.2. */
  proof(from: number, to: number): readonly Buffer[] {
    this.grow(to);
    return from === 0 || from === to ? [] : this.subproof(from, { start: 0, end: to }, 'whole');
  }

  /** A whole request: the checkpoint of `to` with its proof from `from`. */
  request(from: number, to: number): string {
    const proof = this.proof(from, to);
    return formatAddCheckpoint({ oldSize: BigInt(from), proof, note: this.note(to) });
  }

  private grow(size: number): void {
    for (let index = this.#leaves.length; index < size; index += 1) {
      this.#leaves.push(sha256(Buffer.of(0), `${this.origin} ${this.history} ${index}`));
    }
  }

  private rootOf(start: number, end: number): Buffer {
    const [only] = this.#leaves.slice(start, end);
    if (only === undefined) return sha256();
    if (end - start === 1) return only;
    const name = `${start} ${end}`;
    const known = this.#roots.get(name);
    if (known) return known;
    const middle = start + splitOf(end - start);
    const root = sha256(Buffer.of(1), this.rootOf(start, middle), this.rootOf(middle, end));
    this.#roots.set(name, root);
    return root;
  }

  private subproof(
    size: number,
    { start, end }: { readonly start: number; readonly end: number },
    known: 'whole' | 'part',
  ): readonly Buffer[] {
    if (size === end - start) return known === 'whole' ? [] : [this.rootOf(start, end)];
    const split = splitOf(end - start);
    const middle = start + split;
    if (size <= split) {
      const left = this.subproof(size, { start, end: middle }, known);
      return [...left, this.rootOf(middle, end)];
    }
    const right = this.subproof(size - split, { start: middle, end }, 'part');
    return [...right, this.rootOf(start, middle)];
  }
}

/** The largest power of two below a size. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
