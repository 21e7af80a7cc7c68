import { EvidenceError } from '../errors.js';

/** Levels that canonical JSON of this product may have: what `canonicalJson` of #kernel writes. */
export const CANONICAL_DEPTH_MAX = 64;

/** A double is written with at most so many characters (ECMA-262, Number::toString). */
const NUMBER_CHARACTERS_MAX = 25;
const KEY_START = /^[A-Za-z$]/;
const LITERAL = /true|false|null/y;
const NUMBER = /-?\d[\d.eE+-]*/y;
/** The escapes that RFC 8785 §3.2.2.2 has: the short ones, and others in lower case. */
const ESCAPE = /\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))/y;
const [QUOTE, BACKSLASH, BLANK] = [0x22, 0x5c, 0x20] as const;

/** An object or list that has not ended yet. */
type Open = { readonly end: '}' | ']'; lastKey: string | undefined };

/**
 * Where the canonical JSON ends that begins at an offset: RFC 8785 within what `canonicalJson` of
 * #kernel writes, so members sorted and none twice, keys that begin with a letter or `$`, no integer
 * that is not safe, no lone surrogate, {@link CANONICAL_DEPTH_MAX} levels. Takes time in proportion to
 * the text and does not recurse, so that it may be used on what nobody vouches for; whatever it
 * accepts may then be parsed and walked.
 * @param text well-formed UTF-16
 * @throws EvidenceError `payload.malformed` with the offset; it never quotes the text
 */
export function canonicalEnd(text: string, start: number): number {
  return new CanonicalScan(text, start).value();
}

class CanonicalScan {
  readonly #open: Open[] = [];

  constructor(
    private readonly text: string,
    private at: number,
  ) {}

  value(): number {
    this.#begin();
    for (let open = this.#open.at(-1); open; open = this.#open.at(-1)) {
      if (this.#takes(open.end)) this.#open.pop();
      else {
        if (!this.#takes(',')) throw this.#malformed('neither a comma nor an end');
        if (open.end === '}') this.#key(open);
        this.#begin();
      }
    }
    return this.at;
  }

  /** Reads a value as far as the first that is within it and no object or list with members. */
  #begin(): void {
    for (;;) {
      if (this.#takes('{')) {
        if (this.#opens('}')) return;
        this.#key(this.#open.at(-1));
      } else if (this.#takes('[')) {
        if (this.#opens(']')) return;
      } else {
        this.#scalar();
        return;
      }
    }
  }

  /** Whether it ends at once. */
  #opens(end: Open['end']): boolean {
    if (this.#open.length >= CANONICAL_DEPTH_MAX) {
      throw this.#malformed(`deeper than ${CANONICAL_DEPTH_MAX} levels`);
    }
    if (this.#takes(end)) return true;
    this.#open.push({ end, lastKey: undefined });
    return false;
  }

  #key(object: Open | undefined): void {
    const start = this.at;
    this.#string();
    const written = this.text.slice(start, this.at);
    const key = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
    if (!KEY_START.test(key)) throw this.#malformed('a key begins with neither a letter nor $');
    if (object?.lastKey !== undefined && object.lastKey >= key) {
      throw this.#malformed('keys are not sorted, or one is there twice');
    }
    if (object) object.lastKey = key;
    if (!this.#takes(':')) throw this.#malformed('a key without a value');
  }

  #scalar(): void {
    if (this.text.charCodeAt(this.at) === QUOTE) this.#string();
    else if (!this.#matches(LITERAL)) this.#number();
  }

  #number(): void {
    const start = this.at;
    const isOne = this.#matches(NUMBER) && this.at - start <= NUMBER_CHARACTERS_MAX;
    const written = isOne ? this.text.slice(start, this.at) : '';
    const value = Number(written);
    const isSafe =
      Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    if (!isOne || !isSafe || String(value) !== written) {
      throw this.#malformed('no value, or a number that is not written so');
    }
  }

  #string(): void {
    if (!this.#takes('"')) throw this.#malformed('no string');
    for (;;) {
      // Behind the end it is NaN, which no comparison holds for.
      const code = this.text.charCodeAt(this.at);
      if (code === BACKSLASH) {
        if (!this.#matches(ESCAPE)) throw this.#malformed('an escape that is not written so');
      } else if (code >= BLANK) {
        this.at += 1;
        if (code === QUOTE) return;
      } else throw this.#malformed('a control character, or a string without an end');
    }
  }

  #takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  #malformed(problem: string): EvidenceError {
    const reason = `the payload of an event: no canonical JSON at character ${this.at}: ${problem}`;
    return new EvidenceError('payload.malformed', reason);
  }
}
