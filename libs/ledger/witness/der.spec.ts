import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DER_TAG,
  DerMalformed,
  elementsOf,
  encodeDer,
  encodeUnsigned,
  integerContent,
  readDer,
  smallInteger,
} from './der.js';

function hex(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}

describe('DER', () => {
  it('reads what it wrote, of any length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(DER_TAG)),
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.constantFrom(127, 128, 255, 256, 65_535, 65_536, 70_000).map((size) => {
            return new Uint8Array(size).fill(7);
          }),
        ),
        (tag, content) => {
          const read = readDer(encodeDer(tag, content));
          expect(read.tag).toBe(tag);
          expect(Buffer.from(read.content).equals(content)).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an end before the length says', '300101'.slice(0, 4)],
    ['bytes behind', '050000'],
    ['an indefinite length', '30800000'],
    ['a short length in the long form', '30810100'],
    ['a length with a leading zero', `30820080${'00'.repeat(128)}`],
    ['a length of five bytes', '30850000000001ff'],
    ['a tag of several bytes', '3f2100'],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readDer(hex(bytes))).toThrow(DerMalformed);
  });

  it('never reads beyond its bytes, nor throws anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const { content } = readDer(bytes);
          expect(content.length).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DerMalformed);
        }
      }),
    );
  });

  it('bounds the elements of a sequence', () => {
    const of = (count: number) => readDer(encodeDer(DER_TAG.sequence, hex('0500'.repeat(count))));
    expect(elementsOf(of(100))).toHaveLength(100);
    expect(() => elementsOf(of(101))).toThrow('over 100 elements');
  });

  it.each([
    ['00', '020100'],
    ['0000', '020100'],
    ['007f', '02017f'],
    ['80', '02020080'],
    ['ff00', '020300ff00'],
  ])('writes the number %s as %s', (bigEndian, bytes) => {
    expect(Buffer.from(encodeUnsigned(hex(bigEndian))).toString('hex')).toBe(bytes);
  });

  it.each(['0200', '02020001', '0202ff80', '0401aa'])('reads no number in %s', (bytes) => {
    expect(() => integerContent(readDer(hex(bytes)))).toThrow(DerMalformed);
  });

  it.each(['0201ff', '02020080'])('takes %s for no version', (bytes) => {
    expect(() => smallInteger(readDer(hex(bytes)))).toThrow(DerMalformed);
  });
});
