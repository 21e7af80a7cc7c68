import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, NotCanonical } from '#kernel';
import { restored, storable } from './json-values.js';

const key = fc
  .tuple(fc.constantFrom('$', 'a', 'Z', '$set', '$ref', 'toBSON'), fc.string({ unit: 'binary' }))
  .map((parts) => parts.join(''));
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1.5, max: 1.5 }));
const text = fc.string({ unit: 'binary' });
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json')),
    fc.dictionary(key, tie('json')),
  ),
}));

function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysOf)];
}

describe('json fields in MongoDB', () => {
  it('come back as they were, and hold no key that a server takes for something else', () => {
    fc.assert(
      fc.property(json, (value) => {
        const { value: stored, escaped } = storable(value);
        expect(keysOf(stored).filter((name) => /^\$|[.\0]/.test(name))).toEqual([]);
        expect(canonicalJson(escaped ? restored(stored) : stored)).toBe(canonicalJson(value));
      }),
    );
  });

  it('are kept as they are, without a copy, while their keys are plain', () => {
    const value = { plain: [{ deeper: 'with a . and a $' }] };
    expect(storable(value)).toEqual({ value, escaped: false });
    expect(storable(value).value).toBe(value);
    expect(storable({ $gt: { 'a.b': 1 }, '$100%': 2 }).value).toEqual({
      '%24gt': { 'a%2Eb': 1 },
      '%24100%25': 2,
    });
  });

  it('leave out what JSON leaves out, and refuse what would come back otherwise', () => {
    expect(storable({ a: undefined, $b: 1 }).value).toEqual({ '%24b': 1 });
    const wrong = ['\ud800', Number.NaN, 2 ** 60, [undefined], { 1: 1 }, new Date(0), { a: 1n }];
    for (const value of wrong) expect(() => storable(value)).toThrow(NotCanonical);
    for (const value of wrong) expect(() => canonicalJson(value)).toThrow(NotCanonical);
  });
});
