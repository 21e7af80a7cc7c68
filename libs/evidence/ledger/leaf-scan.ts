import { utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import { parseLeaf, type Leaf } from '../leaf/leaf.js';

/** What the walk through a log needs of each leaf. */
export type ScannedLeaf = {
  readonly index: number;
  readonly isOfOrigin: boolean;
  readonly revision: number;
  /** UTF-8 of the stream's name. */
  readonly stream: Uint8Array;
};

const ACTOR = utf8('{"actor":"');
const CAUSATION = utf8(',"causationId":"');
const CORRELATION = utf8(',"correlationId":"');
const DOCUMENTS = utf8(',"documents":[');
const ID = utf8('],"id":"');
const INDEX = utf8('","index":');
const ORIGIN = utf8(',"origin":');
const PAYLOAD = utf8(',"payloadSha256":"');
const RECORDED = utf8('","recordedAt":"');
const REVISION = utf8(',"revision":');
const SALT = utf8(',"salt":"');
const SCHEMA = utf8('","schemaVersion":');
const STREAM = utf8(',"stream":"');
const TYPE = utf8(',"type":"');
const END = utf8(',"v":1}');

const CAUSE_LETTER_AT = 3;
const HASH_DIGITS = 64;
const SALT_CHARACTERS = 22;
/** Every number of so many digits is a safe integer. */
const NUMBER_DIGITS_MAX = 15;
const [QUOTE, BACKSLASH, SPACE, TILDE, ZERO, DASH] = [0x22, 0x5c, 0x20, 0x7e, 0x30, 0x2d];
/** Groups of hexadecimal digits in a UUID. */
const UUID_GROUPS = [8, 4, 4, 4, 12] as const;

const kindOf = (pattern: RegExp): readonly boolean[] =>
  Array.from({ length: 256 }, (_, byte) => byte < 128 && pattern.test(String.fromCharCode(byte)));
const IS_HEX = kindOf(/[0-9a-f]/);
const IS_BASE64URL = kindOf(/[A-Za-z0-9_-]/);

/**
 * Reads leaves as strictly as {@link parseLeaf}, and ten times as quickly where their texts are ASCII
 * that needs no escaping and they name one document at most: nearly all are such, and every other one
 * is parsed.
 */
export class LeafScan {
  readonly #origin: Uint8Array;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;

  constructor(private readonly origin: string) {
    this.#origin = utf8(JSON.stringify(origin));
  }

  /** The leaf of an entry; undefined when it is no leaf record. */
  leaf(entry: Uint8Array): ScannedLeaf | undefined {
    return this.#usualLeaf(entry) ?? this.#parsedLeaf(entry);
  }

  #parsedLeaf(entry: Uint8Array): ScannedLeaf | undefined {
    const leaf = maybeLeaf(entry);
    if (!leaf) return undefined;
    const { index, origin, revision, stream } = leaf;
    return { index, isOfOrigin: origin === this.origin, revision, stream: utf8(stream) };
  }

  #usualLeaf(entry: Uint8Array): ScannedLeaf | undefined {
    this.#bytes = entry;
    this.#at = 0;
    const index = this.#who() && this.#literal(INDEX) ? this.#number() : undefined;
    if (index === undefined) return undefined;
    const revision = this.#origins() && this.#literal(REVISION) ? this.#number() : undefined;
    if (revision === undefined) return undefined;
    const stream = this.#salted() ? this.#stream() : undefined;
    if (!stream || !this.#text(TYPE) || !this.#literal(END)) return undefined;
    return this.#at === entry.length ? { index, isOfOrigin: true, revision, stream } : undefined;
  }

  /** From the actor to the event's id. */
  #who(): boolean {
    if (!this.#text(ACTOR)) return false;
    // Both keys begin with `,"c`; only the cause goes on with an a.
    const isCaused = this.#bytes[this.#at + CAUSE_LETTER_AT] === CAUSATION[CAUSE_LETTER_AT];
    if (isCaused && !this.#text(CAUSATION)) return false;
    return this.#text(CORRELATION) && this.#documents() && this.#uuid();
  }

  /** Origin, payload and time. A leaf of another log is a fault anyhow: it may take the long way. */
  #origins(): boolean {
    if (!this.#literal(ORIGIN) || !this.#literal(this.#origin)) return false;
    return this.#run(PAYLOAD, HASH_DIGITS, IS_HEX) && this.#text(RECORDED);
  }

  #salted(): boolean {
    if (!this.#run(SALT, SALT_CHARACTERS, IS_BASE64URL)) return false;
    return this.#literal(SCHEMA) && this.#number() !== undefined;
  }

  #stream(): Uint8Array | undefined {
    const start = this.#at + STREAM.length;
    return this.#text(STREAM) ? this.#bytes.subarray(start, this.#at - 1) : undefined;
  }

  #literal(literal: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let offset = 0; offset < literal.length; offset += 1) {
      if (bytes[at + offset] !== literal[offset]) return false;
    }
    this.#at = at + literal.length;
    return true;
  }

  /** A key that ends in a quote, and text up to and with the next one. */
  #text(key: Uint8Array): boolean {
    if (!this.#literal(key)) return false;
    const bytes = this.#bytes;
    let at = this.#at;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte > TILDE || byte === BACKSLASH) return false;
    }
    this.#at = at + 1;
    return at < bytes.length;
  }

  /** A key, and so many characters of a kind. */
  #run(key: Uint8Array, length: number, kind: readonly boolean[]): boolean {
    return this.#literal(key) && this.#characters(length, kind);
  }

  #characters(length: number, kind: readonly boolean[]): boolean {
    const bytes = this.#bytes;
    const end = this.#at + length;
    for (let at = this.#at; at < end; at += 1) {
      if (kind[bytes[at] ?? 0] !== true) return false;
    }
    this.#at = end;
    return true;
  }

  /** None, or one hash. */
  #documents(): boolean {
    if (!this.#literal(DOCUMENTS)) return false;
    if (this.#bytes[this.#at] !== QUOTE) return true;
    this.#at += 1;
    if (!this.#characters(HASH_DIGITS, IS_HEX) || this.#bytes[this.#at] !== QUOTE) return false;
    this.#at += 1;
    return true;
  }

  #uuid(): boolean {
    if (!this.#literal(ID)) return false;
    for (const [at, length] of UUID_GROUPS.entries()) {
      if (at > 0 && this.#bytes[this.#at] !== DASH) return false;
      if (at > 0) this.#at += 1;
      if (!this.#characters(length, IS_HEX)) return false;
    }
    return true;
  }

  #number(): number | undefined {
    const start = this.#at;
    let value = 0;
    for (; this.#at - start < NUMBER_DIGITS_MAX; this.#at += 1) {
      const digit = (this.#bytes[this.#at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const length = this.#at - start;
    const hasLeadingZero = length > 1 && this.#bytes[start] === ZERO;
    return length === 0 || hasLeadingZero ? undefined : value;
  }
}

/** The leaf of an entry; undefined when it is none. */
export function maybeLeaf(entry: Uint8Array): Leaf | undefined {
  try {
    return parseLeaf(entry);
  } catch (error) {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  }
}
