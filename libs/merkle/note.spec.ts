import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toBase64 } from './base64.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { cosign, verifyCosignature } from './cosignature.js';
import { isKeyName, newSignerKey, verifierKeyOf } from './keys.js';
import type { NoteSignature } from './note.js';
import { formatNote, formatSignatureLine, parseNote, parseSignatureLine } from './note.js';
import { addSignatures, openCheckpoint, openNote, signNote } from './open-note.js';
import { sha256 } from './sha256.js';

const LOG = newSignerKey('example.com/log', new Uint8Array(32).fill(1));
const OTHER = newSignerKey('example.com/other', new Uint8Array(32).fill(2));
const WITNESS = newSignerKey('w.example/1', new Uint8Array(32).fill(3), 4);
const [LOG_KEY, OTHER_KEY, WITNESS_KEY] = [LOG, OTHER, WITNESS].map(verifierKeyOf);
const ROOT = sha256(Uint8Array.of(1));
const TEXT = formatCheckpoint({ origin: LOG.name, size: 7n, root: ROOT, extensions: [] });
const NOTE = signNote(TEXT, LOG);
const TIME = 1_679_315_147n;

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

function keys(...given: readonly (typeof LOG_KEY)[]): readonly NonNullable<typeof LOG_KEY>[] {
  return given.flatMap((key) => (key === undefined ? [] : [key]));
}

const names = fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }).filter(isKeyName);
const signatures: fc.Arbitrary<NoteSignature> = fc.record({
  name: names,
  keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 90 }),
});
const texts = fc
  .array(fc.constantFrom('a', 'line of text', '', '— dash', 'ò', '\u2028', '\u007f'), {
    minLength: 1,
  })
  .map((lines) => `${lines.join('\n')}\n`);

describe('a signed note', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(texts, fc.array(signatures, { minLength: 1, maxLength: 100 }), (text, all) => {
        const note = { text, signatures: all };
        expect(parseNote(formatNote(note))).toEqual(note);
        expect(parseNote(new TextEncoder().encode(formatNote(note)))).toEqual(note);
      }),
    );
  });

  it('has one spelling: whatever is read is written as it was', () => {
    const bytes = new TextEncoder().encode(NOTE);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(255), fc.nat(2), (at, byte, how) => {
        const changed = Array.from(bytes);
        if (how === 0) changed.splice(at, 0, byte);
        if (how === 1) changed.splice(at, 1, byte);
        if (how === 2) changed.splice(at, 1 + (byte % 5));
        const note = Uint8Array.from(changed);
        let parsed;
        try {
          parsed = parseNote(note);
        } catch (error) {
          expect(error).toMatchObject({ code: 'note.malformed' });
          return;
        }
        expect(new TextEncoder().encode(formatNote(parsed))).toEqual(note);
      }),
      { numRuns: 700 },
    );
  });

  it.each([
    ['nothing', ''],
    ['only text', 'text\n'],
    ['no blank line', NOTE.replace('\n\n', '\n')],
    ['no signature', `${TEXT}\n`],
    ['no final newline', NOTE.slice(0, -1)],
    ['a blank line at the end', `${NOTE}\n`],
    ['a hyphen for the dash', NOTE.replace('— ', '- ')],
    ['no space after the dash', NOTE.replace('— ', '—')],
    ['two spaces before the signature', NOTE.replace('/log ', '/log  ')],
    ['a space at the end', `${NOTE.slice(0, -1)} \n`],
    ['text after the signature', `${NOTE.slice(0, -1)} more\n`],
    ['a carriage return', NOTE.replaceAll('\n', '\r\n')],
    ['a tab in the text', NOTE.replace('7', '\t7')],
    ['a zero in the text', NOTE.replace('7', '\u00007')],
    ['a plus in the name', NOTE.replace('— example', '— exam+ple')],
    ['no name', NOTE.replace(/— [^ ]+ /, '—  ')],
    ['a no-break space in the name', NOTE.replace('— example', '— exam\u00a0ple')],
    ['a signature of four bytes', `${TEXT}\n— a ${toBase64(new Uint8Array(4))}\n`],
    ['no signature after the name', `${TEXT}\n— a \n`],
    ['unpadded base 64', `${TEXT}\n— a AAAAAAA\n`],
    ['spare bits in base 64', `${TEXT}\n— a AAAAAAB=\n`],
    ['half a surrogate pair', NOTE.replace('7', '\ud800')],
  ])('with %s is refused', (_, note) => {
    expect(() => parseNote(note)).toThrow(coded('note.malformed'));
  });

  it('that is not UTF-8 is refused', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80]]) {
      const note = Buffer.concat([Buffer.from(bytes), Buffer.from(NOTE)]);
      expect(() => parseNote(note)).toThrow(coded('note.malformed'));
    }
  });

  it('keeps a byte order mark, which was signed too', () => {
    const note = signNote(`\ufeff${TEXT}`, LOG);
    expect(parseNote(Buffer.from(note)).text.startsWith('\ufeff')).toBe(true);
  });

  it('has at most 100 signatures and a million bytes', () => {
    const line = '— a AAAAAAA=\n';
    expect(parseNote(`a\n\n${line.repeat(100)}`).signatures).toHaveLength(100);
    expect(() => parseNote(`a\n\n${line.repeat(101)}`)).toThrow(coded('note.malformed'));
    const long = 'a'.repeat(1_000_000);
    expect(() => parseNote(`${long}\n\n${line}`)).toThrow(coded('note.malformed'));
  });

  it('is split at its last blank line', () => {
    const text = 'a\n\n— b AAAAAAA=\n';
    expect(parseNote(signNote(text, LOG)).text).toBe(text);
  });

  it('is not written where it could not be read', () => {
    const [signature] = parseNote(NOTE).signatures;
    if (!signature) throw new Error('the note has a signature');
    for (const wrong of [
      { text: 'a', signatures: [signature] },
      { text: 'a\n', signatures: [] },
      { text: 'a\n', signatures: [{ ...signature, name: 'b c' }] },
      { text: 'a\n', signatures: [{ ...signature, name: 'b\n\n— c' }] },
      { text: 'a\n', signatures: [{ ...signature, keyId: 'xyz' }] },
      { text: 'a\n', signatures: [{ ...signature, bytes: new Uint8Array(0) }] },
    ]) {
      expect(() => formatNote(wrong)).toThrow(coded('note.malformed'));
    }
  });

  it('has signature lines that are read alone', () => {
    fc.assert(
      fc.property(signatures, (signature) => {
        expect(parseSignatureLine(formatSignatureLine(signature).slice(0, -1))).toEqual(signature);
      }),
    );
    expect(() => parseSignatureLine('— a AAAAAAA=\n')).toThrow(coded('note.malformed'));
  });
});

describe('opening a note', () => {
  it('tells whose signatures verified, and leaves unknown ones alone', () => {
    const both = addSignatures(NOTE, signatureLines(signNote(TEXT, OTHER)));
    const opened = openNote(both, keys(OTHER_KEY));
    expect(opened.text).toBe(TEXT);
    expect(opened.verified).toEqual([OTHER_KEY]);
    expect(opened.unverified).toEqual(parseNote(NOTE).signatures);
    expect(openNote(both, keys(OTHER_KEY, LOG_KEY)).verified).toEqual([LOG_KEY, OTHER_KEY]);
  });

  it('refuses the whole note where one known signature fails', () => {
    const [bad] = parseNote(signNote('another text\n', OTHER)).signatures;
    if (!bad) throw new Error('the note has a signature');
    const both = addSignatures(NOTE, formatSignatureLine(bad));
    expect(openNote(both, keys(LOG_KEY)).verified).toEqual([LOG_KEY]);
    expect(() => openNote(both, keys(LOG_KEY, OTHER_KEY))).toThrow(coded('note.signature-invalid'));
    const short = formatSignatureLine({ ...bad, bytes: bad.bytes.subarray(1) });
    expect(() => openNote(addSignatures(NOTE, short), keys(LOG_KEY, OTHER_KEY))).toThrow(
      coded('note.signature-invalid'),
    );
  });

  it('refuses a second signature of a known key that fails', () => {
    const [good] = parseNote(NOTE).signatures;
    if (!good) throw new Error('the note has a signature');
    const bad = formatSignatureLine({ ...good, bytes: good.bytes.map((byte) => byte ^ 1) });
    const twice = addSignatures(NOTE, bad);
    expect(() => openNote(twice, keys(LOG_KEY))).toThrow(coded('note.signature-invalid'));
  });

  it('counts a key once, however often it signed', () => {
    const lines = [TIME, TIME + 1n].map((time) => cosign(TEXT, WITNESS, time)).join('');
    const opened = openNote(addSignatures(NOTE, lines), keys(LOG_KEY, WITNESS_KEY));
    expect(opened.verified).toEqual([LOG_KEY, WITNESS_KEY]);
    expect(opened.cosigned.map(({ unixSeconds }) => unixSeconds)).toEqual([TIME, TIME + 1n]);
  });

  it('ignores a known name under another id, and a known id under another name', () => {
    const [key] = keys(LOG_KEY);
    if (!key) throw new Error('there is a key');
    for (const other of [
      { ...key, keyId: '00000000' },
      { ...key, name: 'example.com/elsewhere' },
    ]) {
      expect(() => openNote(NOTE, [other])).toThrow(coded('note.unsigned'));
    }
    expect(() => openNote(NOTE, [])).toThrow(coded('note.unsigned'));
  });

  it('refuses two keys that pass for one', () => {
    const [key] = keys(LOG_KEY);
    if (!key) throw new Error('there is a key');
    const double = { ...key, publicKey: OTHER.publicKey };
    expect(() => openNote(NOTE, [key, double])).toThrow(coded('key.ambiguous'));
    expect(openNote(NOTE, [key, { ...key }]).verified).toHaveLength(1);
  });

  it('refuses it with any byte changed', () => {
    const bytes = new TextEncoder().encode(NOTE);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const mask of [1, 0x20, 0x80]) {
        const changed = bytes.with(at, (bytes[at] ?? 0) ^ mask);
        expect(() => openCheckpoint(changed, keys(LOG_KEY))).toThrow(
          expect.objectContaining({ name: 'MerkleError' }),
        );
      }
    }
  });
});

describe('signing a note', () => {
  it('is the same each time', () => {
    expect(signNote(TEXT, LOG)).toBe(NOTE);
  });

  it('is refused for a witness and for text that no note has', () => {
    expect(() => signNote(TEXT, WITNESS)).toThrow(coded('key.unsupported'));
    for (const text of ['', 'a', 'a\r\n', '\ud800\n']) {
      expect(() => signNote(text, LOG)).toThrow(coded('note.malformed'));
    }
  });

  it('adds lines as they are, once', () => {
    const line = cosign(TEXT, WITNESS, TIME);
    const signed = addSignatures(NOTE, line);
    expect(signed).toBe(`${NOTE}${line}`);
    expect(addSignatures(signed, line)).toBe(signed);
    for (const wrong of ['', '\n', line.slice(0, -1), `${line}\n`, 'nothing\n']) {
      expect(() => addSignatures(NOTE, wrong)).toThrow(coded('note.malformed'));
    }
  });
});

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
      { ...signature, bytes: Buffer.concat([bytes, Buffer.of(0)]) },
    ]) {
      expect(verifyCosignature(TEXT, wrong, witness())).toBeUndefined();
    }
    expect(verifyCosignature(TEXT, signature, { ...witness(), type: 1 })).toBeUndefined();
  });

  it('with a time beyond 63 bits is none, though its key made it', () => {
    const time = 2n ** 63n;
    const asNote = newSignerKey('any', WITNESS.seed);
    const [made] = parseNote(signNote(`cosignature/v1\ntime ${time}\n${TEXT}`, asNote)).signatures;
    const bytes = Buffer.concat([
      Buffer.from('8000000000000000', 'hex'),
      made?.bytes ?? Buffer.of(),
    ]);
    const signature = { name: WITNESS.name, keyId: WITNESS.keyId, bytes };
    expect(verifyCosignature(TEXT, signature, witness())).toBeUndefined();
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
    ['an empty line at the end', `${TEXT}\n`],
    ['an empty origin', TEXT.replace(LOG.name, '')],
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

function signatureLines(note: string): string {
  return note.slice(parseNote(note).text.length + 1);
}
