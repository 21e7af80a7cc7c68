import { crc32 as nodeCrc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.js';
import { inspectStoredZip, readStoredZip, storedZip, type PackFile } from './stored-zip.js';

const FILES: readonly PackFile[] = [
  { path: 'top/a.txt', bytes: Buffer.from('first') },
  { path: 'top/data/empty', bytes: new Uint8Array() },
  { path: 'top/data/ü.bin', bytes: Uint8Array.from({ length: 40 }, (_, at) => at) },
];

const plain = (files: readonly PackFile[]) =>
  files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('hex')]);

describe('a stored zip', () => {
  it('has the checksum that zlib has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(crc32(bytes)).toBe(nodeCrc32(bytes));
        expect(crc32(bytes.subarray(1))).toBe(nodeCrc32(bytes.subarray(1)));
        const middle = bytes.length >> 1;
        const before = crc32(bytes.subarray(0, middle));
        expect(crc32(bytes.subarray(middle), before)).toBe(crc32(bytes));
      }),
    );
  });

  it('gives back what was put in', () => {
    expect(plain(readStoredZip(storedZip(FILES)))).toEqual(plain(FILES));
    expect(readStoredZip(storedZip([]))).toEqual([]);
  });

  it('shows every flip of a bit, and the file it is in', () => {
    const zip = storedZip(FILES);
    const wordless: number[] = [];
    for (let bit = 0; bit < zip.length * 8; bit += 1) {
      const flipped = zip.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { faults } = inspectStoredZip(flipped);
      if (faults.length === 0) wordless.push(bit);
      expect(() => readStoredZip(flipped)).toThrow(
        expect.objectContaining({ code: 'zip.malformed' }),
      );
    }
    expect(wordless).toEqual([]);
  });

  it('shows what is added or cut off', () => {
    const zip = storedZip(FILES);
    for (let length = 0; length < zip.length; length += 1) {
      expect(inspectStoredZip(zip.subarray(0, length)).faults).not.toEqual([]);
    }
    expect(inspectStoredZip(Buffer.concat([zip, Buffer.from([0])])).faults).not.toEqual([]);
    expect(inspectStoredZip(Buffer.concat([Buffer.from([0]), zip])).faults).not.toEqual([]);
  });

  it('holds plain paths, each once', () => {
    for (const path of ['', '/a', 'a/', '../a', 'a/../b', 'a//b', './a', 'a\\b', 'c:d', 'a\nb']) {
      expect(() => storedZip([{ path, bytes: new Uint8Array() }])).toThrow(
        expect.objectContaining({ code: 'zip.malformed' }),
      );
    }
    const twice = { path: 'a', bytes: new Uint8Array() };
    expect(() => storedZip([twice, twice])).toThrow(
      expect.objectContaining({ code: 'zip.malformed' }),
    );
  });
});
