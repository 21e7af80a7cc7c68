import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isUuid } from '#kernel';
import { findComplaintId } from '../queries/find-complaint.query.js';
import { isReference, parseReference, referenceOf, streamOfReference } from './reference.js';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const anyReference = fc
  .tuple(fc.uuid(), fc.integer({ min: 2000, max: 2099 }), fc.nat(7))
  .map(([id, year, attempt]) => referenceOf(id, year, attempt));

/** Year, digits and check without the dashes: the eleven characters that carry the reference. */
const charactersOf = (reference: string): readonly string[] => [
  ...reference.replaceAll('-', '').slice(1),
];
const written = (characters: readonly string[]): string => `C${characters.join('')}`;

describe('a reference', () => {
  it('is what the manuals give as an example', () => {
    expect(parseReference('C-26-7F3K-9QXM-Q')).toBe('C-26-7F3K-9QXM-Q');
  });

  it('has its written form, carries its year and reads back as itself', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 2000, max: 2099 }), (id, year) => {
        const reference = referenceOf(id, year, 0);
        expect(isReference(reference)).toBe(true);
        expect(reference.slice(2, 4)).toBe(String(year % 100).padStart(2, '0'));
        expect(parseReference(reference)).toBe(reference);
      }),
    );
  });

  it('is the same for the same command and attempt, another for another attempt', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(referenceOf(id, 2026, 0)).toBe(referenceOf(id, 2026, 0));
        expect(referenceOf(id, 2026, 0)).not.toBe(referenceOf(id, 2026, 1));
      }),
    );
  });

  it('is read in any case, with or without dashes and spaces, O for 0 and I or L for 1', () => {
    fc.assert(
      fc.property(anyReference, fc.constantFrom('I', 'L', 'i', 'l'), (reference, one) => {
        const plain = reference.replaceAll('-', '');
        expect(parseReference(plain)).toBe(reference);
        expect(parseReference(reference.toLowerCase())).toBe(reference);
        expect(parseReference(` ${plain.replaceAll(/(.)/g, '$1 ')}`)).toBe(reference);
        expect(parseReference(plain.replaceAll('0', 'O').replaceAll('1', one))).toBe(reference);
      }),
    );
  });

  it('shows every single wrong character', () => {
    fc.assert(
      fc.property(anyReference, (reference) => {
        const characters = charactersOf(reference);
        for (const [index, right] of characters.entries()) {
          for (const wrong of ALPHABET) {
            if (wrong === right) continue;
            expect(parseReference(written(characters.with(index, wrong)))).toBeUndefined();
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('shows every swap of neighbours', () => {
    fc.assert(
      fc.property(anyReference, (reference) => {
        const characters = charactersOf(reference);
        for (let index = 0; index + 1 < characters.length; index += 1) {
          const [a = '', b = ''] = characters.slice(index, index + 2);
          if (a === b) continue;
          const swapped = characters.with(index, b).with(index + 1, a);
          expect(parseReference(written(swapped))).toBeUndefined();
        }
      }),
    );
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      'C',
      'C-26',
      'D-26-0000-0000-0',
      'C-26-0000-0000-00',
      'C-26-U000-0000-0',
    ]) {
      expect(parseReference(text)).toBeUndefined();
      expect(isReference(text)).toBe(false);
    }
  });
});

describe('finding a complaint', () => {
  it('takes uuid, stream and reference for the same complaint', () => {
    fc.assert(
      fc.property(anyReference, (reference) => {
        const stream = streamOfReference(reference);
        const uuid = stream.slice('complaint-'.length);
        expect(isUuid(uuid)).toBe(true);
        const names = [stream, uuid, uuid.toUpperCase(), reference, reference.toLowerCase()];
        for (const name of names) expect(findComplaintId(name)).toBe(stream);
      }),
    );
  });

  it('takes nothing else', () => {
    for (const text of ['', 'complaint-', 'complaint-1', 'policy-7', 'C-26-0000-0000-1']) {
      expect(findComplaintId(text)).toBeUndefined();
    }
  });
});
