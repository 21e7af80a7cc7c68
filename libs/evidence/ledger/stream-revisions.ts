import { sha256 } from '#merkle';
import type { StreamName } from './leaf-scan.js';

const SLOTS_AT_FIRST = 1 << 12;
/** What a slot can hold; no stream comes near it. */
const REVISION_MAX = 0xffff_ffff;
/** Beyond this share of used slots, looking one up takes long. */
const FILL_MAX = 0.6;
const KEY_WORDS = 5;
/** Kinds of streams that are told apart by their names; of further ones, by the hash of the whole. */
const KINDS_MAX = 1_000;
/** The kind of streams that are told apart by a hash. */
const HASHED = 0;

const UUID_CHARACTERS = 36;
const UUID_DASHES_AT = [8, 13, 18, 23] as const;
/** Where in a UUID each four digits begin. */
const UUID_DIGITS_AT = [0, 4, 9, 14, 19, 24, 28, 32] as const;
const DASH = 0x2d;
const NO_DIGIT = 0x1_0000;
const DIGITS = '0123456789abcdef';
const DIGIT_OF = Int32Array.from({ length: 256 }, (_, byte) => {
  const digit = DIGITS.indexOf(String.fromCharCode(byte));
  return digit === -1 ? NO_DIGIT : digit;
});

/** How much of a name is read besides its UUID, to find its kind. */
const KIND_NAME_MAX_BYTES = 64;

/**
 * The next revision of every stream. Twenty-four bytes and a few spare ones a stream, because a log
 * has a stream for each complaint: a Map of names would take ten times as much. A stream whose name
 * is a kind and a UUID is known by exactly these. Any other one by 128 bits of SHA-256, which nobody
 * can make collide for two streams.
 */
export class StreamRevisions {
  /** Of each slot the kind and the four words of the UUID or of the hash. */
  #keys = new Uint32Array(SLOTS_AT_FIRST * KEY_WORDS);
  /** Next revision of the stream in the slot; 0 for a slot that is free. */
  #next = new Uint32Array(SLOTS_AT_FIRST);
  #streams = 0;
  readonly #kinds = new Map<string, number>();
  #lastKindName: StreamName = { bytes: new Uint8Array(), start: 0, end: 0 };
  #lastKind = HASHED;
  /** The stream that is looked for. */
  readonly #key = new Uint32Array(KEY_WORDS);
  /** Events of one command stand one after another, and need not be looked up again. */
  #lastSlot = 0;
  readonly #seed: number;

  /**
   * @param seed four bytes that nobody knows who chooses the names of streams: he could otherwise lay
   *   them all into one place, which hides nothing but takes a verifier long
   */
  constructor(seed: Uint8Array) {
    this.#seed = wordAt(seed, 0);
  }

  get streams(): number {
    return this.#streams;
  }

  /** The revision that the stream's next event must have; then takes note of the one it has. */
  follow(stream: StreamName, revision: number): number {
    const slot = this.#find(stream);
    const expected = this.#next[slot] ?? 0;
    // After a gap the stream goes on from where it is, so that one gap is one fault.
    this.#next[slot] = Math.min(revision + 1, REVISION_MAX);
    if (expected === 0) this.#streams += 1;
    if (this.#streams > this.#next.length * FILL_MAX) this.#grow();
    return expected;
  }

  /** The slot of a stream, its own from now on. */
  #find(stream: StreamName): number {
    if (!this.#readUuid(stream)) this.#readHash(stream);
    const last = this.#lastSlot;
    if (this.#next[last] !== 0 && isKeyAt(this.#keys, last * KEY_WORDS, this.#key)) return last;
    const slot = this.#slotOf(this.#key);
    this.#keys.set(this.#key, slot * KEY_WORDS);
    this.#lastSlot = slot;
    return slot;
  }

  #readUuid({ bytes, start, end }: StreamName): boolean {
    const from = end - UUID_CHARACTERS;
    if (from < start || from - start > KIND_NAME_MAX_BYTES) return false;
    for (let dash = 0; dash < UUID_DASHES_AT.length; dash += 1) {
      if (bytes[from + (UUID_DASHES_AT[dash] ?? 0)] !== DASH) return false;
    }
    let seen = 0;
    for (let group = 0; group < UUID_DIGITS_AT.length; group += 2) {
      const high = digitsAt(bytes, from + (UUID_DIGITS_AT[group] ?? 0));
      const low = digitsAt(bytes, from + (UUID_DIGITS_AT[group + 1] ?? 0));
      seen |= high | low;
      this.#key[1 + group / 2] = (high << 16) | low;
    }
    if (seen >= NO_DIGIT) return false;
    const kind = this.#kindOf({ bytes, start, end: from });
    this.#key[0] = kind;
    return kind !== HASHED;
  }

  #readHash({ bytes, start, end }: StreamName): void {
    const hash = sha256(bytes.subarray(start, end));
    this.#key[0] = HASHED;
    for (let word = 1; word < KEY_WORDS; word += 1) this.#key[word] = wordAt(hash, (word - 1) * 4);
  }

  /** The number of what stands before the UUID; {@link HASHED} where there are too many kinds. */
  #kindOf(name: StreamName): number {
    if (this.#lastKind !== HASHED && isSameName(name, this.#lastKindName)) return this.#lastKind;
    const { bytes, start, end } = name;
    // One character for each byte: the names are UTF-8, and only have to be told apart.
    const text = String.fromCharCode(...bytes.subarray(start, end));
    const kind = this.#kinds.get(text) ?? this.#kinds.size + 1;
    if (kind > KINDS_MAX) return HASHED;
    this.#kinds.set(text, kind);
    this.#lastKind = kind;
    this.#lastKindName = { bytes: bytes.slice(start, end), start: 0, end: end - start };
    return kind;
  }

  /** Where a stream lies, or the free slot where it belongs. */
  #slotOf(key: Uint32Array): number {
    const mask = this.#next.length - 1;
    let slot = mixed(key, this.#seed) & mask;
    // Ends, because the table is never full.
    while (this.#next[slot] !== 0 && !isKeyAt(this.#keys, slot * KEY_WORDS, key)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [keys, next] = [this.#keys, this.#next];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#next = new Uint32Array(next.length * 2);
    for (let at = 0; at < next.length; at += 1) {
      const revision = next[at] ?? 0;
      if (revision === 0) continue;
      const key = keys.subarray(at * KEY_WORDS, (at + 1) * KEY_WORDS);
      const slot = this.#slotOf(key);
      this.#keys.set(key, slot * KEY_WORDS);
      this.#next[slot] = revision;
    }
  }
}

function isKeyAt(keys: Uint32Array, start: number, key: Uint32Array): boolean {
  for (let word = KEY_WORDS - 1; word >= 0; word -= 1) {
    if (keys[start + word] !== key[word]) return false;
  }
  return true;
}

/** Spreads keys over a table (the finishing steps of MurmurHash3, a word at a time). */
function mixed(key: Uint32Array, seed: number): number {
  let mix = seed;
  for (let word = 0; word < KEY_WORDS; word += 1) {
    mix = Math.imul(mix ^ (key[word] ?? 0), 0x85eb_ca6b);
    mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35);
    mix ^= mix >>> 16;
  }
  return mix;
}

/** The value of four lower-case hexadecimal digits; {@link NO_DIGIT} or more where one is none. */
function digitsAt(bytes: Uint8Array, at: number): number {
  const a = DIGIT_OF[bytes[at] ?? 0] ?? 0;
  const b = DIGIT_OF[bytes[at + 1] ?? 0] ?? 0;
  const c = DIGIT_OF[bytes[at + 2] ?? 0] ?? 0;
  const d = DIGIT_OF[bytes[at + 3] ?? 0] ?? 0;
  return (a << 12) | (b << 8) | (c << 4) | d;
}

/** A big-endian word. */
function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

function isSameName(a: StreamName, b: StreamName): boolean {
  const length = a.end - a.start;
  if (b.end - b.start !== length) return false;
  // From the end: names begin alike.
  for (let at = length - 1; at >= 0; at -= 1) {
    if (a.bytes[a.start + at] !== b.bytes[b.start + at]) return false;
  }
  return true;
}
