import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '#kernel';
import { CANONICAL_DEPTH_MAX, canonicalEnd } from './canonical-scan.js';

/** Whether the text is what `canonicalJson` writes for the value that it parses to. */
function isWrittenByKernel(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    // No JSON, or a value that cannot be stored: either way nobody writes it.
    return false;
  }
}

function isAccepted(text: string): boolean {
  try {
    return canonicalEnd(text, 0) === text.length;
  } catch (error) {
    expect(error).toMatchObject({ code: 'payload.malformed' });
    return false;
  }
}

const expectAgreement = (text: string) =>
  expect([text, isAccepted(text)]).toEqual([text, isWrittenByKernel(text)]);

const nested = (depth: number, open: string, close: string) =>
  open.repeat(depth) + '0' + close.repeat(depth);

describe('what may be parsed and walked', () => {
  it.each([
    ...['{}', '[]', '{"a":[]}', '[{},[],""]', 'null', 'true', 'false', '"x"', '0', '-1', '0.5'],
    ...['5e-324', '1.7976931348623157e+308', '1e-7', '0.000001', '9007199254740991', '1e-400'],
    ...['-0', '01', '1.0', '1e3', '.5', '1.', '+1', '9007199254740992', '1e21', '1E-7', '1e400'],
    ...['NaN', 'Infinity', 'nul', 'truefalse', '', ' ', '{ }', '{"a": 1}', '[1,]', '[,1]', '[1 2]'],
    ...['{"a":1,"b":2}', '{"b":1,"a":2}', '{"a":1,"a":2}', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}'],
    ...['{"":1}', '{"1":1}', '{"_a":1}', '{"$a":1}', '{"A":1,"a":2}', '{"é":1}', '{"aé":1}'],
    ...['{"a\\n":1,"ab":2}', '{"ab":1,"a\\n":2}', '{"a\\u000a":1}', '{"a":1}}', '[1]]', '{"a":[}'],
    ...[
      '"\\u001f"',
      '"\\u001F"',
      '"\\u0008"',
      '"\\b"',
      '"\\/"',
      '"\\u0041"',
      '"\\u007f"',
      '"\u007f"',
    ],
    ...[
      '"\\ud800"',
      '"\\ud83d\\ude00"',
      '"😀"',
      '"\n"',
      '"\\',
      '"\\u00',
      '"abc',
      '"\\x"',
      '"\u2028"',
    ],
    ...['"\\u0000"', '"\\u000b"', '"\\u000f"', '"\\u0010"', '"\\"\\\\"', '"\u0000"'],
  ])('is %j exactly when the kernel writes it', expectAgreement);

  it('has as many levels as the kernel writes, and not one more', () => {
    const depths = [CANONICAL_DEPTH_MAX - 1, CANONICAL_DEPTH_MAX, CANONICAL_DEPTH_MAX + 1];
    for (const depth of depths) {
      expectAgreement(nested(depth, '[', ']'));
      expectAgreement(nested(depth, '{"a":', '}'));
      expectAgreement(nested(depth - 1, '[', ']').replace('0', '{}'));
    }
    expect(isAccepted(nested(CANONICAL_DEPTH_MAX, '[', ']'))).toBe(true);
  });

  it('is every value that is stored, and nothing that one change makes of it', () => {
    const json = fc.jsonValue({ depthSize: 'medium' });
    fc.assert(
      fc.property(json, fc.nat(), fc.constantFrom(...'{}[]",:\\ 0a$u-.eE\n'), (value, at, put) => {
        let text: string;
        try {
          text = canonicalJson(value);
        } catch {
          text = JSON.stringify(value);
        }
        expectAgreement(text);
        const place = at % (text.length + 1);
        expectAgreement(text.slice(0, place) + put + text.slice(place));
        expectAgreement(text.slice(0, place) + put + text.slice(place + 1));
        expectAgreement(text.slice(0, place) + text.slice(place + 1));
      }),
      { numRuns: 1_000 },
    );
  });

  it('ends where it ends, whatever follows', () => {
    expect(canonicalEnd('x{"a":[1]}y', 1)).toBe(10);
  });

  it('is refused without recursion, at any depth and length', () => {
    expect(isAccepted(nested(1_000_000, '[', ']'))).toBe(false);
    expect(isAccepted('{"a":'.repeat(1_000_000))).toBe(false);
    expect(isAccepted(`"${'x'.repeat(8_000_000)}"`)).toBe(true);
    expect(isAccepted(`"${'\\"'.repeat(4_000_000)}"`)).toBe(true);
    expect(isAccepted('1'.repeat(8_000_000))).toBe(false);
  });
});
