import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toBase64 } from './base64.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { sha256 } from './sha256.js';

const ORIGIN = 'example.com/log';
const ROOT = sha256(Uint8Array.of(1));
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 7n, root: ROOT, extensions: [] });

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

describe('a checkpoint', () => {
  const lines = fc
    .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
    .filter((line) => !/\p{Cc}/u.test(line));
  const checkpoints = fc.record({
    origin: lines,
    size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extensions: fc.array(lines, { maxLength: 3 }),
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['two lines', TEXT.split('\n').slice(0, 2).join('\n')],
    ['two lines and a newline', `${TEXT.split('\n').slice(0, 2).join('\n')}\n`],
    ['no final newline', TEXT.slice(0, -1)],
    ['no newline after an extension', `${TEXT}x`],
    ['an empty line at the end', `${TEXT}\n`],
    ['an empty origin', TEXT.replace(ORIGIN, '')],
    ['an empty extension', `${TEXT}\nx\n`],
    ['a leading zero', TEXT.replace('\n7\n', '\n07\n')],
    ['a sign', TEXT.replace('\n7\n', '\n+7\n')],
    ['a negative size', TEXT.replace('\n7\n', '\n-7\n')],
    ['a hexadecimal size', TEXT.replace('\n7\n', '\n0x7\n')],
    ['a space', TEXT.replace('\n7\n', '\n7 \n')],
    ['a fraction', TEXT.replace('\n7\n', '\n7.0\n')],
    ['digits of another script', TEXT.replace('\n7\n', '\n\u0667\n')],
    ['a size of 65 bits', TEXT.replace('\n7\n', `\n${2n ** 64n}\n`)],
    ['no size', TEXT.replace('\n7\n', '\n\n')],
    ['a root of 31 bytes', TEXT.replace(toBase64(ROOT), toBase64(ROOT.subarray(1)))],
    [
      'a root of 33 bytes',
      TEXT.replace(toBase64(ROOT), toBase64(Buffer.concat([ROOT, ROOT]).subarray(0, 33))),
    ],
    ['an unpadded root', TEXT.replace('=', '')],
    [
      'a root with spare bits',
      TEXT.replace(/.=\n/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=\n`),
    ],
    ['a carriage return', TEXT.replaceAll('\n', '\r\n')],
    ['a tab', TEXT.replace('/', '\t')],
    ['half a surrogate pair', TEXT.replace('/', '\udc00')],
  ])('with %s is refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(coded('checkpoint.malformed'));
  });

  it('of the empty tree has the size 0', () => {
    expect(parseCheckpoint(TEXT.replace('\n7\n', '\n0\n')).size).toBe(0n);
  });

  it('is not written where it could not be read', () => {
    const good = { origin: 'a', size: 1n, root: ROOT, extensions: [] };
    for (const wrong of [
      { ...good, origin: '' },
      { ...good, origin: 'a\nb' },
      { ...good, origin: 'a\n1\n' },
      { ...good, size: -1n },
      { ...good, size: 2n ** 64n },
      { ...good, root: ROOT.subarray(1) },
      { ...good, extensions: [''] },
      { ...good, extensions: ['a\nb'] },
    ]) {
      expect(() => formatCheckpoint(wrong)).toThrow(coded('checkpoint.malformed'));
    }
  });
});
