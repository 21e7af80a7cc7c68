import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ADD_CHECKPOINT_SIZE_MAX_BYTES,
  formatAddCheckpoint,
  parseAddCheckpoint,
  PROOF_LINES_MAX,
} from './add-checkpoint.js';

const NOTE = 'example.com/log\n7\nabc=\n\n— example.com/log AAAAAAA=\n';
const HASH = Buffer.alloc(32, 7).toString('base64');

/** The example of C2SP tlog-witness, "add-checkpoint". */
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

function parse(text: string) {
  return parseAddCheckpoint(Buffer.from(text));
}

describe('a request to cosign', () => {
  it('is read as the specification writes it, and written as it was read', () => {
    const request = parse(EXAMPLE);
    expect(request).toMatchObject({ oldSize: 20_852_014n });
    expect(request?.proof).toHaveLength(4);
    expect(request?.note).toMatch(/^example\.com\/behind-the-sofa\n20852163\n/);
    expect(request && formatAddCheckpoint(request)).toBe(EXAMPLE);
  });

  it('comes back as it went, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: PROOF_LINES_MAX }),
        (oldSize, hashes) => {
          const proof = hashes.map((hash) => Uint8Array.from(hash));
          const body = formatAddCheckpoint({ oldSize, proof, note: NOTE });
          expect(parse(body)).toEqual({ oldSize, proof, note: NOTE });
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['no empty line', `old 0\n${NOTE.replace('\n\n', '\n')}`],
    ['no old size', `\n${NOTE}`],
    ['a checkpoint alone', NOTE],
    ['a leading zero', `old 01\n\n${NOTE}`],
    ['a sign', `old -1\n\n${NOTE}`],
    ['two spaces', `old  1\n\n${NOTE}`],
    ['a space behind', `old 1 \n\n${NOTE}`],
    ['a carriage return', `old 1\r\n\r\n${NOTE}`],
    ['a size of 65 bits', `old 18446744073709551616\n\n${NOTE}`],
    ['64 hashes', `old 1\n${`${HASH}\n`.repeat(64)}\n${NOTE}`],
    ['a hash of 31 bytes', `old 1\n${Buffer.alloc(31).toString('base64')}\n\n${NOTE}`],
    ['a hash without padding', `old 1\n${HASH.slice(0, -1)}\n\n${NOTE}`],
    ['base 64 for addresses', `old 1\n${'_'.repeat(43)}=\n\n${NOTE}`],
    ['bits behind the hash', `old 1\n${'B'.repeat(43)}=\n\n${NOTE}`],
  ])('with %s is none', (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('has 63 hashes at most, and an end', () => {
    expect(parse(`old 1\n${`${HASH}\n`.repeat(63)}\n${NOTE}`)?.proof).toHaveLength(63);
    const room = ADD_CHECKPOINT_SIZE_MAX_BYTES - Buffer.byteLength('old 1\n\n');
    expect(parse(`old 1\n\n${'x'.repeat(room)}`)).toBeDefined();
    expect(parse(`old 1\n\n${'x'.repeat(room + 1)}`)).toBeUndefined();
  });

  it('is UTF-8', () => {
    const body = Buffer.concat([Buffer.from('old 0\n\n'), Buffer.of(0xff), Buffer.from(NOTE)]);
    expect(parseAddCheckpoint(body)).toBeUndefined();
  });
});
