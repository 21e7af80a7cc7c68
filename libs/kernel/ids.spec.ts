import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventIdOf, isUuid, sha256Hex, uuidV4, uuidV5 } from './ids.js';

const DNS_NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('ids', () => {
  it('are the name-based UUID of RFC 9562 appendix A.4', () => {
    expect(uuidV5(DNS_NAMESPACE, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('are the random UUID of RFC 9562 appendix A.3, from its bits', () => {
    const random = Buffer.from('919108f752d1432 0bacff847db4148a8'.replace(' ', ''), 'hex');
    expect(uuidV4(random)).toBe('919108f7-52d1-4320-bacf-f847db4148a8');
  });

  it('set version and variant whatever the bytes, and leave the given ones alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 24 }), (bytes) => {
        const before = Uint8Array.from(bytes);
        expect(uuidV4(bytes)).toMatch(/^.{14}4.{4}[89ab]/);
        expect(isUuid(uuidV4(bytes))).toBe(true);
        expect(bytes).toEqual(before);
      }),
    );
  });

  it('of events follow from command and ordinal alone', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(1_000), (commandId, ordinal) => {
        expect(eventIdOf(commandId, ordinal)).toBe(eventIdOf(commandId, ordinal));
        expect(eventIdOf(commandId, ordinal)).not.toBe(eventIdOf(commandId, ordinal + 1));
        expect(isUuid(eventIdOf(commandId, ordinal))).toBe(true);
      }),
    );
  });

  it('are written in lower case with dashes, and nothing else is one', () => {
    const upper = '2ED6657D-E927-568B-95E1-2665A8AEA6A2';
    expect(isUuid(upper)).toBe(false);
    expect(isUuid(upper.toLowerCase())).toBe(true);
    expect(isUuid(`${upper.toLowerCase()}\n`)).toBe(false);
    expect(isUuid('2ed6657d-e927-568b-15e1-2665a8aea6a2')).toBe(false);
    expect(isUuid('')).toBe(false);
  });

  it('hash text as UTF-8 with SHA-256', () => {
    // FIPS 180-2, appendix B.1.
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256Hex('abc')).toBe(abc);
    expect(sha256Hex(Buffer.from('abc'))).toBe(abc);
  });
});
