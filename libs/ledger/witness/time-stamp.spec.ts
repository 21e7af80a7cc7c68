import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DerMalformed, DER_TAG, encodeDer, encodeUnsigned } from './der.js';
import { encodeTimeStampRequest, isSameNonce, parseTimeStampResponse } from './time-stamp.js';

const HASH = createHash('sha256').update('abc').digest();
const NONCE = Buffer.from('994455301b29055b', 'hex');

function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return encodeDer(
    tag,
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)),
  );
}

type Info = {
  readonly version?: string;
  readonly algorithm?: string;
  readonly parameters?: string;
  readonly time?: string;
  readonly optional?: string;
};

/** A TSTInfo, right but for what is given. */
function infoOf({ version, algorithm, parameters, time, optional }: Info): Uint8Array {
  const sha256 = der(0x06, algorithm ?? '608648016503040201');
  const imprint = der(0x30, der(0x30, sha256, parameters ?? '0500'), der(0x04, HASH));
  return der(
    DER_TAG.sequence,
    version ?? '020101',
    '06032a0304',
    imprint,
    '020207d0',
    der(DER_TAG.generalizedTime, Buffer.from(time ?? '20261122170000.25Z')),
    optional ?? encodeUnsigned(NONCE),
  );
}

function responseOf(info: Uint8Array, status = '3003020100'): Uint8Array {
  const encapsulated = der(0x30, '060b2a864886f70d0109100104', der(0xa0, der(0x04, info)));
  const signed = der(0x30, '020103', '3100', encapsulated, '3100');
  return der(0x30, status, der(0x30, '06092a864886f70d010702', der(0xa0, signed)));
}

describe('a time-stamp request', () => {
  it('is, byte for byte, what openssl asks (ts -query -sha256 -cert)', () => {
    expect(Buffer.from(encodeTimeStampRequest({ hash: HASH, nonce: NONCE })).toString('hex')).toBe(
      '30440201013031300d060960864801650304020105000420' +
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' +
        '020900994455301b29055b0101ff',
    );
  });
});

describe('a time-stamp response', () => {
  it('tells hash, nonce and time', () => {
    const answer = parseTimeStampResponse(responseOf(infoOf({})));
    if (answer.kind !== 'granted') throw new Error('not granted');
    expect(HASH.equals(answer.hash)).toBe(true);
    expect(isSameNonce(NONCE, answer.nonce)).toBe(true);
    expect(answer.at.toISOString()).toBe('2026-11-22T17:00:00.250Z');
  });

  it('may be granted with modifications, and leave the parameters of the hash out', () => {
    const response = responseOf(infoOf({ parameters: '' }), '3003020101');
    expect(parseTimeStampResponse(response)).toMatchObject({ kind: 'granted' });
  });

  it.each([2, 3, 4, 5])('of status %i is a refusal, with a reason or without', (status) => {
    const plain = der(0x30, der(0x30, `02010${status}`));
    const reasoned = der(0x30, der(0x30, `02010${status}`, '3004', '0c026e6f', '03020780'));
    for (const bytes of [plain, reasoned]) {
      expect(parseTimeStampResponse(bytes)).toEqual({ kind: 'refused', status });
    }
  });

  it.each([
    ['no token though granted', der(0x30, '3003020100')],
    ['no status', der(0x30)],
    ['something behind the token', der(0x30, '3003020100', '3000', '0500')],
    ['a version that nobody knows', responseOf(infoOf({ version: '020102' }))],
    ['SHA-1', responseOf(infoOf({ algorithm: '2b0e03021a' }))],
    ['parameters that are not NULL', responseOf(infoOf({ parameters: '020100' }))],
    ['a local time', responseOf(infoOf({ time: '20261122170000+0100' }))],
    ['a time without seconds', responseOf(infoOf({ time: '202611221700Z' }))],
    ['a fraction that ends in zero', responseOf(infoOf({ time: '20261122170000.10Z' }))],
    ['a day that never is', responseOf(infoOf({ time: '20260230170000Z' }))],
  ])('with %s is refused', (_what, bytes) => {
    expect(() => parseTimeStampResponse(bytes)).toThrow(DerMalformed);
  });

  it('knows no nonce where there is none, nor one under another tag', () => {
    for (const optional of ['', '0101ff', '0409994455301b29055b00']) {
      const answer = parseTimeStampResponse(responseOf(infoOf({ optional })));
      expect(answer).toMatchObject({ kind: 'granted', nonce: undefined });
      expect(isSameNonce(NONCE, undefined)).toBe(false);
    }
  });

  it('cut short anywhere is refused', () => {
    const whole = responseOf(infoOf({}));
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => parseTimeStampResponse(whole.subarray(0, length))).toThrow(DerMalformed);
    }
  });
});
