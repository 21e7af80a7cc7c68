import { describe, expect, it } from '@jest/globals';
import { sha256Hex } from '#kernel';
import {
  authorise,
  LOCAL_ACTOR,
  parseTokens,
  ROLE_RIGHTS,
  TokensInvalid,
  type Right,
} from './access.js';

const HASH = sha256Hex('secret');
const fileOf = (holder: unknown, key = HASH) => JSON.stringify({ [key]: holder });
const tokens = parseTokens(fileOf({ actorId: 'a-1', role: 'analyst' }));

describe('tokens.json', () => {
  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a token instead of its hash', fileOf({ actorId: 'a', role: 'analyst' }, 'secret')],
    ['an unknown role', fileOf({ actorId: 'a', role: 'root' })],
    ['a role of every object', fileOf({ actorId: 'a', role: 'constructor' })],
    ['an address as an id', fileOf({ actorId: 'a@example.org', role: 'analyst' })],
    ['no holder', fileOf(null)],
  ])('is refused with %s, without repeating it', (_what, text) => {
    expect(() => parseTokens(text)).toThrow(TokensInvalid);
    expect(() => parseTokens(text)).not.toThrow('secret');
  });
});

describe('who acts', () => {
  it('is local in open mode when nobody says who', () => {
    expect(authorise({ mode: 'open', tokens }, undefined, 'write')).toEqual(LOCAL_ACTOR);
  });

  it('is the holder of the token', () => {
    const actor = authorise({ mode: 'tokens', tokens }, 'Bearer secret', 'read');
    expect(actor).toEqual({ id: 'a-1', role: 'analyst', via: 'http' });
  });

  it.each([
    [undefined, 'read', 'access.token-missing'],
    ['Basic secret', 'read', 'access.token-missing'],
    ['Bearer ', 'read', 'access.token-missing'],
    ['Bearer other', 'read', 'access.token-unknown'],
    [`Bearer ${HASH}`, 'read', 'access.token-unknown'],
    ['Bearer secret', 'write', 'access.forbidden'],
  ] as const)('is refused with %s for %s: %s', (header, right, code) => {
    const attempt = () => authorise({ mode: 'tokens', tokens }, header, right);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it('never writes as an analyst or auditor', () => {
    for (const role of ['analyst', 'auditor'] as const) {
      const rights: readonly Right[] = ROLE_RIGHTS[role];
      expect(rights).toEqual(['read']);
    }
  });
});
