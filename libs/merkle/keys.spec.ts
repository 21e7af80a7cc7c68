import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromBase64, toBase64 } from './base64.js';
import {
  formatSignerKey,
  formatVerifierKey,
  isKeyId,
  isKeyName,
  newSignerKey,
  parseSignerKey,
  parseVerifierKey,
  verifierKeyOf,
} from './keys.js';
import { checkPublicKey } from './public-key.js';
import { sha256 } from './sha256.js';

/** The public example of C2SP signed-note. */
const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
/** The seed and key of RFC 8032 §7.1, test 1. */
const SEED = bytesOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const PUBLIC_KEY = bytesOf('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const names = fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }).filter(isKeyName);
const types = fc.constantFrom(1 as const, 4 as const);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function coded(code: string): Error {
  return expect.objectContaining({ name: 'MerkleError', code }) as unknown as Error;
}

describe('base 64', () => {
  it('is that of Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(toBase64(bytes)).toBe(text);
        expect(fromBase64(text)).toEqual(bytes);
      }),
    );
  });

  it('has one spelling for each value, so that no other text is read', () => {
    fc.assert(
      fc.property(fc.base64String({ maxLength: 12 }), fc.nat(), fc.nat(127), (text, at, code) => {
        const position = at % (text.length + 1);
        const spoiled = [
          text.slice(0, position) + String.fromCharCode(code) + text.slice(position),
          text.slice(0, position) + String.fromCharCode(code) + text.slice(position + 1),
          text.slice(0, position) + text.slice(position + 1),
        ];
        for (const other of spoiled) {
          const bytes = fromBase64(other);
          if (bytes !== undefined) expect(toBase64(bytes)).toBe(other);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['A', 'AA', 'AAA', 'AB==', 'AAB=', 'A===', '====', 'AA=A', 'AA==AAAA', 'AA-_', 'AA==\n'])(
    'does not read %j',
    (text) => {
      expect(fromBase64(text)).toBeUndefined();
    },
  );
});

describe('a verifier key', () => {
  it('is read and written as C2SP signed-note has it', () => {
    const key = parseVerifierKey(VKEY);
    expect(key).toMatchObject({ name: 'example.com/foo', keyId: '530d903a', type: 1 });
    expect(formatVerifierKey(key)).toBe(VKEY);
  });

  it('is read back, of whatever name and type', () => {
    fc.assert(
      fc.property(names, seeds, types, (name, seed, type) => {
        const key = verifierKeyOf(newSignerKey(name, seed, type));
        expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key);
        expect(key).not.toHaveProperty('seed');
      }),
      { numRuns: 50 },
    );
  });

  it('with any character changed is refused', () => {
    fc.assert(
      fc.property(fc.nat(VKEY.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = VKEY.slice(0, at) + String.fromCharCode(code) + VKEY.slice(at + 1);
        fc.pre(changed !== VKEY);
        expect(() => parseVerifierKey(changed)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^key\./) }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['no parts', 'example.com'],
    ['two parts', 'example.com+530d903a'],
    ['no name', VKEY.slice('example.com/foo'.length)],
    ['a space in the name', VKEY.replace('/', ' ')],
    ['upper-case digits', VKEY.replace('530d903a', '530D903A')],
    ['a short id', VKEY.replace('530d903a', '530d903')],
    ['a trailing newline', `${VKEY}\n`],
    ['a leading space', ` ${VKEY}`],
    ['no key', VKEY.slice(0, VKEY.lastIndexOf('+') + 1)],
    ['a key cut short', withMaterial(PUBLIC_KEY.subarray(1))],
    ['a key too long', withMaterial(Buffer.concat([PUBLIC_KEY, Buffer.of(0)]))],
    ['half a surrogate pair', VKEY.replace('/', '\ud800')],
    ['a very long name', VKEY.replace('foo', 'o'.repeat(5_000))],
  ])('with %s is refused', (_, vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow(coded('key.malformed'));
  });

  it('of low order is refused', () => {
    expect(() => parseVerifierKey(withMaterial(new Uint8Array(32)))).toThrow(
      coded('key.low-order'),
    );
  });

  it('with a name that is none, or too long, is refused though its id is right', () => {
    for (const name of ['', 'a b', 'a\u0085', 'o'.repeat(5_000)]) {
      const bytes = Uint8Array.of(1, ...PUBLIC_KEY);
      const digest = sha256(Buffer.concat([Buffer.from(`${name}\n`), bytes]));
      const keyId = Buffer.from(digest).toString('hex', 0, 4);
      expect(() => parseVerifierKey(`${name}+${keyId}+${toBase64(bytes)}`)).toThrow(
        coded('key.malformed'),
      );
    }
  });

  it('has at most 4,096 characters', () => {
    const named = (length: number): string => {
      const fixed = formatVerifierKey(verifierKeyOf(newSignerKey('a', SEED))).length - 1;
      return formatVerifierKey(verifierKeyOf(newSignerKey('o'.repeat(length - fixed), SEED)));
    };
    expect(formatVerifierKey(parseVerifierKey(named(4_096)))).toHaveLength(4_096);
    expect(() => parseVerifierKey(named(4_097))).toThrow(coded('key.malformed'));
  });

  it('of another signature type is refused', () => {
    for (const type of [0, 2, 3, 5, 6, 255]) {
      const vkey = `a+00000000+${toBase64(Uint8Array.of(type, ...PUBLIC_KEY))}`;
      expect(() => parseVerifierKey(vkey)).toThrow(coded('key.unsupported'));
    }
  });

  it('is refused where the id is that of another name or type', () => {
    const key = verifierKeyOf(newSignerKey('a', SEED));
    const other = verifierKeyOf(newSignerKey('a', SEED, 4));
    expect(key.keyId).not.toBe(other.keyId);
    for (const wrong of [
      { ...key, name: 'b' },
      { ...key, type: 4 as const },
    ]) {
      expect(() => parseVerifierKey(formatVerifierKey(wrong))).toThrow(coded('key.malformed'));
    }
  });

  function withMaterial(bytes: Uint8Array): string {
    return `a+00000000+${toBase64(Uint8Array.of(1, ...bytes))}`;
  }
});

describe('a key name', () => {
  it.each([
    '',
    'a b',
    'a+b',
    'a\tb',
    'a\nb',
    'a\u0000',
    'a\u001f',
    'a\u0085b',
    'a\u00a0b',
    'a\u1680b',
    'a\u2003b',
    'a\u2028',
    'a\u202f',
    'a\u205f',
    'a\u3000b',
  ])('is not %j', (name) => {
    expect(isKeyName(name)).toBe(false);
    expect(() => newSignerKey(name, SEED)).toThrow(coded('key.malformed'));
  });

  it('is no half of a surrogate pair', () => {
    expect(() => newSignerKey('a\ud800', SEED)).toThrow(coded('key.malformed'));
  });

  it.each(['a', 'example.com/log42', 'bücher.example/ß', 'a—b', '\ufeffa'])('is %j', (name) => {
    expect(isKeyName(name)).toBe(true);
  });
});

describe('a key id', () => {
  it.each(['', '0000000', '000000000', 'x00000000', '0000000g', '0000000A', '00000000\n'])(
    'is not %j',
    (text) => {
      expect(isKeyId(text)).toBe(false);
    },
  );

  it.each(['00000000', '12345678', '9abcdef0'])('is %j', (text) => {
    expect(isKeyId(text)).toBe(true);
  });
});

describe('a public key', () => {
  const encoded = (y: bigint, sign: 0 | 1): Uint8Array => {
    const value = y | (BigInt(sign) << 255n);
    return Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
  };
  const p = 2n ** 255n - 19n;

  it('of low order is refused in every spelling', () => {
    const eighth = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
    for (const y of [0n, 1n, p - 1n, p, p + 1n, eighth, p - eighth]) {
      for (const sign of [0, 1] as const) {
        expect(() => checkPublicKey(encoded(y, sign))).toThrow(coded('key.low-order'));
      }
    }
  });

  it('not written canonically is refused', () => {
    for (let y = p + 2n; y < 2n ** 255n; y += 1n) {
      expect(() => checkPublicKey(encoded(y, 0))).toThrow(coded('key.non-canonical'));
    }
  });

  it('beside the curve is refused, as the library of the browser sees it', () => {
    // y = 2 is on no point of the curve; y = 3 is.
    expect(() => checkPublicKey(encoded(2n, 0))).toThrow(coded('key.malformed'));
    expect(() => checkPublicKey(encoded(3n, 0))).not.toThrow();
    expect(() => checkPublicKey(encoded(3n, 1))).not.toThrow();
    expect(() => checkPublicKey(new Uint8Array(31))).toThrow(coded('key.malformed'));
  });
});

describe('a signer key', () => {
  it('has the public key of RFC 8032 §7.1', () => {
    expect(newSignerKey('a', SEED).publicKey).toEqual(PUBLIC_KEY);
  });

  it('is read back, of whatever name and type', () => {
    fc.assert(
      fc.property(names, seeds, types, (name, seed, type) => {
        const key = newSignerKey(name, seed, type);
        expect(formatSignerKey(key).startsWith(`PRIVATE+KEY+${name}+${key.keyId}+`)).toBe(true);
        expect(parseSignerKey(formatSignerKey(key))).toEqual(key);
      }),
      { numRuns: 50 },
    );
  });

  it('is the line of golang.org/x/mod/sumdb/note', () => {
    // From the tests of that package: the key of PeterNeumann, which is public.
    const line = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const key = parseSignerKey(line);
    expect(formatVerifierKey(verifierKeyOf(key))).toBe(vkey);
    expect(formatSignerKey(key)).toBe(line);
  });

  it('is refused when anything of it is wrong', () => {
    const line = formatSignerKey(newSignerKey('a', SEED));
    const other = newSignerKey('a', PUBLIC_KEY).keyId;
    const wrong = [
      line.slice('PRIVATE+KEY+'.length),
      line.replace('PRIVATE', 'PUBLIC'),
      line.replace('PRIVATE', 'private'),
      `${line}\n`,
      line.slice(0, -4),
      line.replace(/\+[0-9a-f]{8}\+/, `+${other}+`),
      line.replace('+a+', '++'),
      `PRIVATE+KEY+a+00000000+${toBase64(Uint8Array.of(1, ...SEED, 0))}`,
    ];
    for (const text of wrong) expect(() => parseSignerKey(text)).toThrow(coded('key.malformed'));
    expect(() => newSignerKey('a', SEED.subarray(1))).toThrow(coded('key.malformed'));
  });

  it('keeps its seed when the given bytes are wiped', () => {
    const seed = SEED.slice();
    const key = newSignerKey('a', seed);
    seed.fill(0);
    expect(key.seed).toEqual(SEED);
  });
});
