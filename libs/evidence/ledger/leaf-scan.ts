import { LEAF_VERSION, parseLeaf, type Leaf } from '../leaf/leaf.js';
import { maybeTextOf } from '../bytes.js';
import { EvidenceError } from '../errors.js';

/** What the walk through a log needs of each leaf. */
export type ScannedLeaf = Pick<Leaf, 'id' | 'index' | 'origin' | 'stream' | 'revision'>;

/** Printable ASCII without what JSON escapes. */
const TEXT = '"([ !#-[\\]-~]*)"';
const HASH = '"[0-9a-f]{64}"';
const COUNT = '(0|[1-9][0-9]{0,14})';

/**
 * A canonical leaf whose texts need no escaping and that names one document at most: nearly all are
 * such. Every other one is parsed, which takes some ten times as long.
 */
const USUAL_LEAF = new RegExp(
  `\\{"actor":${TEXT}(?:,"causationId":${TEXT})?,"correlationId":${TEXT},"documents":\\[(?:${HASH})?\\]` +
    `,"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})","index":${COUNT},"origin":${TEXT}` +
    `,"payloadSha256":${HASH},"recordedAt":${TEXT},"revision":${COUNT},"salt":"[A-Za-z0-9_-]{22}"` +
    `,"schemaVersion":${COUNT},"stream":${TEXT},"type":${TEXT},"v":${LEAF_VERSION}\\}`,
  'y',
);

const DECODER = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** Reads the leaves of one bundle; as strict as {@link parseLeaf}, and much quicker. */
export class LeafScan {
  /**
   * The whole bundle when every byte of it became one character: offsets in bytes are then offsets in
   * the text. What is no ASCII among them does not match {@link USUAL_LEAF}.
   */
  readonly #text: string | undefined;
  readonly #isLossless: boolean;

  constructor(private readonly bundle: Uint8Array) {
    const text = DECODER.decode(bundle);
    this.#text = text.length === bundle.length ? text : undefined;
    this.#isLossless = !text.includes('\ufffd');
  }

  /** The leaf of an entry, a view of the bundle; undefined when it is no leaf record. */
  leaf(entry: Uint8Array): ScannedLeaf | undefined {
    return this.#usualLeaf(entry) ?? maybeLeaf(entry);
  }

  /** The text of an entry; undefined where decoding it may have lost something. */
  text(entry: Uint8Array): string | undefined {
    if (this.#text === undefined) return maybeTextOf(entry);
    const start = entry.byteOffset - this.bundle.byteOffset;
    const text = this.#text.slice(start, start + entry.length);
    return this.#isLossless ? text : maybeTextOf(entry);
  }

  #usualLeaf(entry: Uint8Array): ScannedLeaf | undefined {
    if (this.#text === undefined) return undefined;
    const start = entry.byteOffset - this.bundle.byteOffset;
    USUAL_LEAF.lastIndex = start;
    const match = USUAL_LEAF.exec(this.#text);
    if (!match || USUAL_LEAF.lastIndex !== start + entry.length) return undefined;
    const [, , , , id = '', index = '', origin = '', , revision = '', , stream = ''] = match;
    return { id, index: Number(index), origin, revision: Number(revision), stream };
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
