import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toBase64 } from './base64.js';
import { formatCheckpoint } from './checkpoint.js';
import { cosign } from './cosignature.js';
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

  it('that is not UTF-8 is refused with what the decoder said', () => {
    expect(() => parseNote(Uint8Array.of(0xff))).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ name: 'TypeError' }) }),
    );
  });

  it('holds no control character but its newlines', () => {
    for (let code = 0; code < 0x20; code += 1) {
      if (code === 0x0a) continue;
      const text = `a${String.fromCharCode(code)}b\n`;
      expect(() => parseNote(`${text}\n— a AAAAAAA=\n`)).toThrow(coded('note.malformed'));
    }
    expect(parseNote('a\u007fb\n\n— a AAAAAAA=\n').text).toBe('a\u007fb\n');
  });

  it('keeps a byte order mark, which was signed too', () => {
    const note = signNote(`\ufeff${TEXT}`, LOG);
    expect(parseNote(Buffer.from(note)).text.startsWith('\ufeff')).toBe(true);
  });

  it('has at most 100 signatures and a million bytes', () => {
    const line = '— a AAAAAAA=\n';
    expect(parseNote(`a\n\n${line.repeat(100)}`).signatures).toHaveLength(100);
    expect(() => parseNote(`a\n\n${line.repeat(101)}`)).toThrow(coded('note.malformed'));
    const end = `\n\n${line}`;
    const longest = `${'a'.repeat(1_000_000 - end.length)}${end}`;
    expect(parseNote(longest).signatures).toHaveLength(1);
    expect(() => parseNote(`a${longest}`)).toThrow(coded('note.malformed'));
  });

  it('is split at its last blank line', () => {
    const text = 'a\n\n— b AAAAAAA=\n';
    expect(parseNote(signNote(text, LOG)).text).toBe(text);
  });

  it('may have an empty line for its text', () => {
    expect(parseNote('\n\n— a AAAAAAA=\n').text).toBe('\n');
  });

  it('is not written where its text would pass for signatures', () => {
    const { signatures } = parseNote(NOTE);
    const text = 'a\n\n— b AAAAAAA=';
    expect(() => formatNote({ text, signatures })).toThrow(coded('note.malformed'));
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

  it('has no signature line without name, key id or bytes', () => {
    const good = { name: 'a', keyId: '00000000', bytes: Uint8Array.of(1) };
    expect(formatSignatureLine(good)).toBe('— a AAAAAAE=\n');
    for (const wrong of [
      { ...good, name: '' },
      { ...good, keyId: '0000000' },
      { ...good, bytes: new Uint8Array(0) },
    ]) {
      expect(() => formatSignatureLine(wrong)).toThrow(coded('note.malformed'));
    }
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
    expect(() => addSignatures(NOTE, line.replace('\n', ' '))).toThrow(coded('note.malformed'));
  });

  it('takes the same bytes under another name or id for another signature', () => {
    const [signature] = parseNote(NOTE).signatures;
    if (!signature) throw new Error('the note has a signature');
    const others = [
      { ...signature, name: 'example.com/other' },
      { ...signature, keyId: '00000000' },
    ];
    const signed = addSignatures(NOTE, others.map(formatSignatureLine).join(''));
    expect(parseNote(signed).signatures).toEqual([signature, ...others]);
  });
});

function signatureLines(note: string): string {
  return note.slice(parseNote(note).text.length + 1);
}
