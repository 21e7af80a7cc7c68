import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, NotCanonical } from './canonical-json.js';

const anyText = fc.string({ unit: 'grapheme', maxLength: 12 });
const anyKey = anyText.map((text) => `k${text}`);

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyText,
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((number) => !Number.isInteger(number) || Number.isSafeInteger(number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyKey, tie('value'), { maxKeys: 5 }),
  ),
}));

describe('canonical JSON', () => {
  it('is the same after being parsed and written again', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(anyKey, anyValue), (object) => {
        const turned = Object.fromEntries(Object.entries(object).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(object));
      }),
    );
  });

  // RFC 8785 §3.2.2 and §3.2.3, as far as keys may begin so here.
  it('writes numbers, escapes and the order of keys as RFC 8785 says', () => {
    expect(canonicalJson([333333333.33333329, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,4.5,0.002,1e-27,0]',
    );
    expect(canonicalJson('\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/')).toBe(
      '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    );
    const keys = { 'a\u20ac': 1, 'a\r': 2, 'a\ufb33': 3, a1: 4, 'a\ud83d\ude00': 5, 'a\u0080': 6 };
    expect(Object.values(JSON.parse(canonicalJson(keys)) as object)).toEqual([2, 4, 6, 1, 5, 3]);
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  it.each([
    ['not a number', { a: Number.NaN }, '$.a'],
    ['infinity', [Number.POSITIVE_INFINITY], '$[0]'],
    ['an integer beyond 2^53', { a: { b: 2 ** 53 } }, '$.a.b'],
    ['a lone surrogate', { a: '\ud83d' }, '$.a'],
    ['a key that begins with a digit', { a: { '1': true } }, '$.a'],
    ['an empty key', { '': 1 }, '$'],
    ['undefined in a list', [undefined], '$[0]'],
    ['a date', { a: new Date(0) }, '$.a'],
    ['a function', { a: () => 1 }, '$.a'],
    ['a bigint', 1n, '$'],
  ])('refuses %s and says where', (_what, value, path) => {
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
    expect(() => canonicalJson(value)).toThrow(path);
  });

  it('refuses what is nested too deeply', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 65; depth += 1) value = [value];
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
    expect(() => canonicalJson((value as readonly unknown[])[0])).not.toThrow();
  });
});
