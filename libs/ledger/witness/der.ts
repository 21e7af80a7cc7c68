/** Tags of ASN.1 as one byte: class, primitive or constructed, number (X.690 §8.1.2). */
export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  explicit0: 0xa0,
} as const;

/** One element: what its tag says it is, what it holds. */
export type DerElement = { readonly tag: number; readonly content: Uint8Array };

/** The bytes are not DER, or not of the shape that was asked for. */
export class DerMalformed extends Error {
  override readonly name = 'DerMalformed';
  readonly code = 'der.malformed';
}

const LENGTH_SHORT_MAX = 0x7f;
const LENGTH_BYTES_MAX = 4;
/** Elements of one sequence that are read; what we read has under ten. */
const ELEMENTS_MAX = 100;
/** Tag numbers from 31 on take further bytes; nothing in a time-stamp has one. */
const TAG_NUMBER_LONG = 0x1f;

/** One element around its parts. */
export function encodeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Uint8Array {
  if (length <= LENGTH_SHORT_MAX) return Uint8Array.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Uint8Array.of(0x80 | bytes.length, ...bytes);
}

/** A whole number that is not negative, given big-endian, in the fewest bytes (X.690 §8.3). */
export function encodeUnsigned(bigEndian: Uint8Array): Uint8Array {
  const firstNonZero = bigEndian.findIndex((byte) => byte !== 0);
  const digits = firstNonZero < 0 ? Uint8Array.of(0) : bigEndian.subarray(firstNonZero);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return encodeDer(DER_TAG.integer, sign, digits);
}

/**
 * The one element that the bytes are.
 * @throws DerMalformed also when bytes follow: what nobody reads may hold anything.
 */
export function readDer(bytes: Uint8Array): DerElement {
  const { element, end } = readElement(bytes, 0);
  if (end !== bytes.length) throw new DerMalformed(`bytes follow the element at ${end}`);
  return element;
}

/** The elements of a sequence or set, of an explicit tag, or in an octet string. @throws DerMalformed */
export function elementsOf({ content }: DerElement): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let start = 0; start < content.length;) {
    if (elements.length === ELEMENTS_MAX) throw new DerMalformed(`over ${ELEMENTS_MAX} elements`);
    const { element, end } = readElement(content, start);
    elements.push(element);
    start = end;
  }
  return elements;
}

function readElement(
  bytes: Uint8Array,
  start: number,
): { readonly element: DerElement; readonly end: number } {
  const tag = byteAt(bytes, start);
  if ((tag & TAG_NUMBER_LONG) === TAG_NUMBER_LONG) throw new DerMalformed('tag of several bytes');
  const first = byteAt(bytes, start + 1);
  const lengthBytes = first <= LENGTH_SHORT_MAX ? 0 : first & 0x7f;
  const length = lengthBytes === 0 && first !== 0x80 ? first : longLength(bytes, start + 2, first);
  const contentStart = start + 2 + lengthBytes;
  const end = contentStart + length;
  if (end > bytes.length) throw new DerMalformed(`element at ${start} ends behind the bytes`);
  return { element: { tag, content: bytes.subarray(contentStart, end) }, end };
}

/** DER knows one form for each length, and no length that is found out later (X.690 §10.1). */
function longLength(bytes: Uint8Array, start: number, first: number): number {
  const count = first & 0x7f;
  if (count === 0) throw new DerMalformed('indefinite length');
  if (count > LENGTH_BYTES_MAX) throw new DerMalformed(`length of ${count} bytes`);
  let length = 0;
  for (let index = 0; index < count; index += 1) {
    length = length * 256 + byteAt(bytes, start + index);
  }
  if (length <= LENGTH_SHORT_MAX || length < 256 ** (count - 1)) {
    throw new DerMalformed('length in more bytes than needed');
  }
  return length;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new DerMalformed(`bytes end at ${bytes.length}`);
  return byte;
}

/** The element, when it is there and has the tag. @throws DerMalformed */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag === tag) return element;
  const found = element === undefined ? 'nothing' : `tag 0x${element.tag.toString(16)}`;
  throw new DerMalformed(`expected tag 0x${tag.toString(16)}, found ${found}`);
}

/** The content of a whole number, checked to be in the fewest bytes. @throws DerMalformed */
export function integerContent(element: DerElement | undefined): Uint8Array {
  const { content } = expectTag(element, DER_TAG.integer);
  const [first, second] = content;
  if (first === undefined) throw new DerMalformed('number without bytes');
  const redundant =
    second !== undefined &&
    ((first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (redundant) throw new DerMalformed('number in more bytes than needed');
  return content;
}

/** A whole number from 0 to 127, as versions and states are. @throws DerMalformed */
export function smallInteger(element: DerElement | undefined): number {
  const content = integerContent(element);
  const [value] = content;
  if (content.length === 1 && value !== undefined && value < 0x80) return value;
  throw new DerMalformed('number out of bounds');
}
