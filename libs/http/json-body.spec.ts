import { describe, expect, it } from '@jest/globals';
import { BODY_DEPTH_MAX, parseJsonBody } from './json-body.js';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('a body', () => {
  it('may be as deep as the limit, and no deeper', () => {
    expect(parseJsonBody(nested(BODY_DEPTH_MAX))).toBeDefined();
    expect(() => parseJsonBody(nested(BODY_DEPTH_MAX + 1))).toThrow('nested deeper');
  });

  it('may hold brackets and quotes within texts', () => {
    const value = { text: `${'['.repeat(50)}"\\"{`, next: ['"', '\\'] };
    expect(parseJsonBody(JSON.stringify(value))).toEqual(value);
  });

  it('may be missing', () => {
    expect(parseJsonBody('')).toBeUndefined();
  });

  it.each([
    '{"__proto__":1}',
    '{"a":{"\\u005f\\u005fproto__" : {}}}',
    '{"a":[{"constructor":1}]}',
    '{"toString":"x"}',
  ])('refuses %s', (text) => {
    expect(() => parseJsonBody(text)).toThrow(
      expect.objectContaining({ code: 'request.not-json' }),
    );
  });

  it('may speak of the prototype in a text', () => {
    expect(parseJsonBody('{"a":"__proto__"}')).toEqual({ a: '__proto__' });
  });
});
