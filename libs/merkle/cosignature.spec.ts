import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatCheckpoint } from './checkpoint.js';
import { cosign, verifyCosignature } from './cosignature.js';
import { newSignerKey, verifierKeyOf } from './keys.js';
import { parseNote, parseSignatureLine } from './note.js';
import { signNote } from './open-note.js';
import { sha256 } from './sha256.js';

const LOG = newSignerKey('example.com/log', new Uint8Array(32).fill(1));
const WITNESS = newSignerKey('w.example/1', new Uint8Array(32).fill(3), 4);
const ROOT = sha256(Uint8Array.of(1));
const TEXT = formatCheckpoint({ origin: LOG.name, size: 7n, root: ROOT, extensions: [] });
const TIME = 1_679_315_147n;

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

describe('a cosignature', () => {
  it('carries the time of the witness and holds for its text only', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (time) => {
        const signature = parseSignatureLine(cosign(TEXT, WITNESS, time).slice(0, -1));
        expect(signature.bytes).toHaveLength(72);
        expect(verifyCosignature(TEXT, signature, witness())).toBe(time);
        expect(verifyCosignature(TEXT.replace('7', '8'), signature, witness())).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it.each([0n, 2n ** 63n - 1n])('may carry the time %s', (time) => {
    const signature = parseSignatureLine(cosign(TEXT, WITNESS, time).slice(0, -1));
    expect(verifyCosignature(TEXT, signature, witness())).toBe(time);
  });

  it('is over the message of C2SP tlog-cosignature', () => {
    const { bytes } = parseSignatureLine(cosign(TEXT, WITNESS, TIME).slice(0, -1));
    const asNote = newSignerKey('any', WITNESS.seed);
    const [signature] = parseNote(
      signNote(`cosignature/v1\ntime 1679315147\n${TEXT}`, asNote),
    ).signatures;
    expect(bytes.subarray(8)).toEqual(signature?.bytes);
    expect(Buffer.from(bytes).readBigUInt64BE(0)).toBe(TIME);
  });

  it('with any byte changed, or of another key, is none', () => {
    const signature = parseSignatureLine(cosign(TEXT, WITNESS, TIME).slice(0, -1));
    const { bytes } = signature;
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = { ...signature, bytes: bytes.with(at, (bytes[at] ?? 0) ^ 1) };
      expect(verifyCosignature(TEXT, changed, witness())).toBeUndefined();
    }
    for (const wrong of [
      { ...signature, name: 'w.example/2' },
      { ...signature, keyId: '00000000' },
      { ...signature, bytes: bytes.subarray(0, 71) },
      { ...signature, bytes: bytes.subarray(0, 7) },
      { ...signature, bytes: bytes.slice(0, 7) },
      { ...signature, bytes: Buffer.concat([bytes, Buffer.of(0)]) },
    ]) {
      expect(verifyCosignature(TEXT, wrong, witness())).toBeUndefined();
    }
    expect(verifyCosignature(TEXT, signature, { ...witness(), type: 1 })).toBeUndefined();
  });

  it('with a time beyond 63 bits is none, though its key made it', () => {
    const asNote = newSignerKey('any', WITNESS.seed);
    // The same 64 bits, with a sign and without.
    for (const time of [2n ** 63n, -(2n ** 63n)]) {
      const note = signNote(`cosignature/v1\ntime ${time}\n${TEXT}`, asNote);
      const [made] = parseNote(note).signatures;
      const bytes = Buffer.concat([
        Buffer.from('8000000000000000', 'hex'),
        made?.bytes ?? Buffer.of(),
      ]);
      const signature = { name: WITNESS.name, keyId: WITNESS.keyId, bytes };
      expect(verifyCosignature(TEXT, signature, witness())).toBeUndefined();
    }
  });

  it('is made by a witness, over a checkpoint, at a time', () => {
    expect(() => cosign(TEXT, LOG, TIME)).toThrow(coded('key.unsupported'));
    expect(() => cosign('a\n', WITNESS, TIME)).toThrow(coded('checkpoint.malformed'));
    for (const time of [-1n, 2n ** 63n]) {
      expect(() => cosign(TEXT, WITNESS, time)).toThrow(coded('cosignature.malformed'));
    }
  });

  function witness(): ReturnType<typeof verifierKeyOf> {
    return verifierKeyOf(WITNESS);
  }
});
