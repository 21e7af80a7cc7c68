import { createHash } from 'node:crypto';
import { Randomness } from '#kernel';

/** 2^32: what one draw is divided by. */
const RANGE = 4_294_967_296;

/**
 * Chance that a seed drives: the same seed gives the same throws for ever. Small Fast Counting
 * generator with 128 bits of state (sfc32, of PractRand); good for a demonstration, not for secrets.
 */
export class Dice {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string) {
    const hash = createHash('sha256').update(seed).digest();
    this.#a = hash.readUInt32LE(0);
    this.#b = hash.readUInt32LE(4);
    this.#c = hash.readUInt32LE(8);
    this.#counter = 1;
  }

  /** A whole number from 0 below 2^32. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 below 1. */
  share(): number {
    return this.next() / RANGE;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number {
    return min + Math.floor(this.share() * (max - min + 1));
  }

  /** One of the words, each as likely as its weight says. */
  weighted<Word>(words: readonly (readonly [Word, number])[]): Word {
    const total = words.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.share() * total;
    for (const [word, weight] of words) {
      left -= weight;
      if (left < 0) return word;
    }
    const last = words.at(-1);
    if (!last) throw new RangeError('nothing to choose from');
    return last[0];
  }

  pick<Word>(words: readonly Word[]): Word {
    return this.weighted(words.map((word) => [word, 1] as const));
  }

  /** Log-normally distributed about a median: most are near it, a few are very long. */
  spread(median: number, sigma: number): number {
    const normal =
      Math.sqrt(-2 * Math.log(1 - this.share())) * Math.cos(2 * Math.PI * this.share());
    return median * Math.exp(sigma * normal);
  }
}

/** The randomness of a demonstration: ids and salts follow from the seed. */
export class SeededRandomness extends Randomness {
  readonly #dice: Dice;

  constructor(seed: string) {
    super();
    this.#dice = new Dice(seed);
  }

  override bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#dice.next() & 0xff);
  }
}
