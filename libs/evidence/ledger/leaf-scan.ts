import { utf8 } from '../bytes.js';
import { EvidenceError } from '../errors.js';
import { parseLeaf, type Leaf } from '../leaf/leaf.js';

/** What the walk through a log needs of each leaf. */
export type ScannedLeaf = {
  readonly index: number;
  readonly isOfOrigin: boolean;
  readonly revision: number;
  readonly stream: StreamName;
};

/**
 * UTF-8 of a stream's name, where it lies: a view of it would cost more than to read it. It stands
 * as long as what was scanned does.
 */
export type StreamName = {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
};

const [WORD_SIZE_BYTES, IS_LITTLE_ENDIAN] = [4, true] as const;
const NUMBER_SIZE_BYTES = 8;

/**
 * Text that is looked for, as numbers of eight bytes each, which are compared as quickly as one byte.
 * Two floating-point numbers are equal when their bits are, but for zeros and what is no number: no
 * eight bytes of text make one of these.
 */
type Literal = {
  readonly length: number;
  readonly numbers: Float64Array;
  /** Its last eight bytes; most of them are in the numbers too. */
  readonly lastNumber: number;
};

/** @param text at least eight bytes of UTF-8 */
function literalOf(text: string): Literal {
  const bytes = utf8(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.floor(bytes.length / NUMBER_SIZE_BYTES);
  const numbers = Float64Array.from({ length: count }, (_, at) =>
    view.getFloat64(at * NUMBER_SIZE_BYTES, IS_LITTLE_ENDIAN),
  );
  const lastNumber = view.getFloat64(bytes.length - NUMBER_SIZE_BYTES, IS_LITTLE_ENDIAN);
  return { length: bytes.length, numbers, lastNumber };
}

const ACTOR = literalOf('{"actor":"');
const CAUSATION = literalOf('","causationId":"');
const CORRELATION = literalOf('","correlationId":"');
const DOCUMENTS = literalOf('","documents":[');
const ID = literalOf('],"id":"');
const INDEX = literalOf('","index":');
const ORIGIN = ',"origin":';
const PAYLOAD = ',"payloadSha256":"';
const RECORDED = literalOf('","recordedAt":"');
const REVISION = literalOf('","revision":');
const SALT = literalOf(',"salt":"');
const SCHEMA = literalOf('","schemaVersion":');
const STREAM = literalOf(',"stream":"');
const TYPE = literalOf('","type":"');
const END = literalOf('","v":1}');

/** Both keys begin with `","c`; only the cause goes on with an a. */
const [CAUSE_LETTER_AT, CAUSE_LETTER] = [4, 0x61] as const;
const HASH_DIGITS = 64;
const SALT_CHARACTERS = 22;
/** Every number of so many digits is a safe integer. */
const NUMBER_DIGITS_MAX = 15;
const [QUOTE, ZERO, DASH] = [0x22, 0x30, 0x2d];
/** Where in a UUID four digits stand together, where a dash, and its length. */
const UUID_DIGITS_AT = [0, 4, 9, 14, 19, 24, 28, 32] as const;
const UUID_DASHES_AT = [8, 13, 18, 23] as const;
const UUID_CHARACTERS = 36;

/** For each byte 1 where it is one of a kind. */
const kindOf = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 128 && pattern.test(String.fromCharCode(byte)) ? 1 : 0,
  );
const IS_BASE64URL = kindOf(/[A-Za-z0-9_-]/);

/**
 * An offset behind any bundle: nothing lies there, so that nothing that is looked for there is found,
 * and one look at the end tells whether all of a leaf was.
 */
const NOWHERE = 2 ** 29;

/**
 * Reads leaves as strictly as {@link parseLeaf}, and ten times as quickly where their texts are ASCII
 * that needs no escaping and they name one document at most: nearly all are such, and every other one
 * is parsed.
 */
export class LeafScan {
  readonly #origin: Literal;
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(this.#bytes.buffer);
  /** Number that was read last. */
  #number = 0;

  constructor(private readonly origin: string) {
    this.#origin = literalOf(ORIGIN + JSON.stringify(origin) + PAYLOAD);
  }

  /** The leaf of an entry, all of these bytes or some; undefined when it is no leaf record. */
  leaf(bytes: Uint8Array, start = 0, end = bytes.length): ScannedLeaf | undefined {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.#usualLeaf(start, end) ?? this.#parsedLeaf(bytes.subarray(start, end));
  }

  #parsedLeaf(entry: Uint8Array): ScannedLeaf | undefined {
    const leaf = maybeLeaf(entry);
    if (!leaf) return undefined;
    const { index, origin, revision } = leaf;
    const bytes = utf8(leaf.stream);
    const stream = { bytes, start: 0, end: bytes.length };
    return { index, isOfOrigin: origin === this.origin, revision, stream };
  }

  /** What is read beyond the entry's end moves the offset beyond it too, and so is of no avail. */
  #usualLeaf(from: number, to: number): ScannedLeaf | undefined {
    const view = this.#view;
    let at = documentsAfter(view, actorsEnd(view, from));
    at = uuidAfter(view, at, ID);
    at = this.#numberAfter(at, INDEX);
    const index = this.#number;
    // A leaf of another log is a fault anyhow: it may take the long way.
    at = hashAfter(view, at, this.#origin);
    at = textAfter(view, at, RECORDED);
    at = this.#numberAfter(at, REVISION);
    const revision = this.#number;
    at = saltAfter(view, at, SALT);
    at = this.#numberAfter(at, SCHEMA);
    const start = after(view, at, STREAM);
    const end = textEnd(view, start);
    at = after(view, textAfter(view, end, TYPE), END);
    if (at !== to) return undefined;
    const stream = { bytes: this.#bytes, start, end };
    return { index, isOfOrigin: true, revision, stream };
  }

  #numberAfter(before: number, literal: Literal): number {
    const view = this.#view;
    const from = after(view, before, literal);
    const end = Math.min(view.byteLength, from + NUMBER_DIGITS_MAX);
    let value = 0;
    let at = from;
    for (; at < end; at += 1) {
      const digit = view.getUint8(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const hasLeadingZero = at - from > 1 && view.getUint8(from) === ZERO;
    this.#number = value;
    return at === from || hasLeadingZero ? NOWHERE : at;
  }
}

// Each of these answers where what it looks for ends, or NOWHERE when it is not there. One that
// looks for a literal and what follows it costs one call less for each of a million leaves.

/** From the beginning to the correlation. */
function actorsEnd(view: DataView, from: number): number {
  const at = textAfter(view, from, ACTOR);
  const isCaused = isByte(view, at + CAUSE_LETTER_AT, CAUSE_LETTER);
  const caused = isCaused ? textAfter(view, at, CAUSATION) : at;
  return textAfter(view, caused, CORRELATION);
}

/** None, or one hash. */
function documentsAfter(view: DataView, from: number): number {
  const at = after(view, from, DOCUMENTS);
  if (!isByte(view, at, QUOTE)) return at;
  const end = hashEnd(view, at + 1);
  return isByte(view, end, QUOTE) ? end + 1 : NOWHERE;
}

function isByte(view: DataView, at: number, byte: number): boolean {
  return at < view.byteLength && view.getUint8(at) === byte;
}

function after(view: DataView, from: number, literal: Literal): number {
  const { length, numbers, lastNumber } = literal;
  const end = from + length;
  if (end > view.byteLength) return NOWHERE;
  for (let number = 0; number < numbers.length; number += 1) {
    const found = view.getFloat64(from + number * NUMBER_SIZE_BYTES, IS_LITTLE_ENDIAN);
    if (found !== numbers[number]) return NOWHERE;
  }
  return view.getFloat64(end - NUMBER_SIZE_BYTES, IS_LITTLE_ENDIAN) === lastNumber ? end : NOWHERE;
}

function textAfter(view: DataView, from: number, literal: Literal): number {
  return textEnd(view, after(view, from, literal));
}

/** Plain text: what is looked for next begins with the quote behind it. */
function textEnd(view: DataView, from: number): number {
  const last = view.byteLength - WORD_SIZE_BYTES;
  for (let at = from; at <= last; at += WORD_SIZE_BYTES) {
    const others = ~plainBits(view.getInt32(at, IS_LITTLE_ENDIAN)) & TOP_BITS;
    if (others !== 0) return at + firstByteOf(others);
  }
  return NOWHERE;
}

function saltAfter(view: DataView, before: number, literal: Literal): number {
  const from = after(view, before, literal);
  const end = from + SALT_CHARACTERS;
  if (end > view.byteLength) return NOWHERE;
  let all = 1;
  for (let at = from; at < end; at += 1) all &= IS_BASE64URL[view.getUint8(at)] ?? 0;
  return all === 1 ? end : NOWHERE;
}

function hashAfter(view: DataView, from: number, literal: Literal): number {
  return hashEnd(view, after(view, from, literal));
}

function hashEnd(view: DataView, from: number): number {
  const end = from + HASH_DIGITS;
  if (end > view.byteLength) return NOWHERE;
  let all = TOP_BITS;
  for (let at = from; at < end; at += WORD_SIZE_BYTES) {
    all &= hexBits(view.getInt32(at, IS_LITTLE_ENDIAN));
  }
  return all === TOP_BITS ? end : NOWHERE;
}

function uuidAfter(view: DataView, before: number, literal: Literal): number {
  const from = after(view, before, literal);
  const end = from + UUID_CHARACTERS;
  if (end > view.byteLength) return NOWHERE;
  let all = TOP_BITS;
  for (let group = 0; group < UUID_DIGITS_AT.length; group += 1) {
    const at = from + (UUID_DIGITS_AT[group] ?? 0);
    all &= hexBits(view.getInt32(at, IS_LITTLE_ENDIAN));
  }
  for (let dash = 0; dash < UUID_DASHES_AT.length; dash += 1) {
    if (view.getUint8(from + (UUID_DASHES_AT[dash] ?? 0)) !== DASH) return NOWHERE;
  }
  return all === TOP_BITS ? end : NOWHERE;
}

/** The top bit of each of four bytes. */
const TOP_BITS = 0x80808080 | 0;

/**
 * The top bits of those of four bytes that are lower-case hexadecimal digits. Each sum sets the top
 * bit of a byte that is ASCII where it is at least `0`, beyond `9`, at least `a`, beyond `f`; a byte
 * that is not ASCII may disturb its neighbour, but counts as no digit itself.
 */
function hexBits(word: number): number {
  const digits = (word + 0x50505050) & ~(word + 0x46464646);
  const letters = (word + 0x1f1f1f1f) & ~(word + 0x19191919);
  return (digits | letters) & ~word & TOP_BITS;
}

/**
 * The top bits of those of four bytes that stand in JSON text as they are: ASCII but for control
 * characters, the quote and the backslash. Each sum sets the top bit of a byte that is ASCII where it
 * is at least a blank, is no quote, is no backslash; of other bytes the same is true as above.
 */
function plainBits(word: number): number {
  const noControl = word + 0x60606060;
  const noQuote = (word ^ 0x22222222) + 0x7f7f7f7f;
  const noBackslash = (word ^ 0x5c5c5c5c) + 0x7f7f7f7f;
  return noControl & noQuote & noBackslash & ~word & TOP_BITS;
}

/** Which of four bytes is the first whose top bit is set. */
function firstByteOf(topBits: number): number {
  return (31 - Math.clz32(topBits & -topBits)) >> 3;
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
