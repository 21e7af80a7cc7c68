import { describe, expect, it } from '@jest/globals';
import { isUuid, Randomness } from '#kernel';
import { readCommandIdentity, readIfMatch, readWantedPosition } from './command-headers.js';

class Counting extends Randomness {
  #next = 0;

  override bytes(length: number): Uint8Array {
    this.#next += 1;
    return new Uint8Array(length).fill(this.#next);
  }
}

const scope = { actorId: 'handler-1', target: 'complaint-1' };
const identify = (key: string | undefined, of = scope, randomness = new Counting()) =>
  readCommandIdentity(key === undefined ? {} : { 'idempotency-key': key }, of, randomness);

describe('the id of a command', () => {
  it('is the same for the same key, actor and target', () => {
    const first = identify('k');
    expect(first.keyed).toBe(true);
    expect(isUuid(first.commandId)).toBe(true);
    expect(identify('k')).toEqual(first);
  });

  it('is another one for another key, actor or target', () => {
    const ids = [
      identify('k'),
      identify('K'),
      identify('k', { ...scope, actorId: 'handler-2' }),
      identify('k', { ...scope, target: 'complaint-2' }),
    ].map(({ commandId }) => commandId);
    expect(new Set(ids).size).toBe(4);
  });

  it('is random without a key', () => {
    const randomness = new Counting();
    const first = identify(undefined, scope, randomness);
    const second = identify(undefined, scope, randomness);
    expect(first.keyed).toBe(false);
    expect(first.commandId).not.toBe(second.commandId);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(201), 'tab\t'])('refuses the key %j', (key) => {
    expect(() => identify(key)).toThrow('Idempotency-Key');
  });

  it('takes the longest key there may be', () => {
    expect(identify('x'.repeat(200)).keyed).toBe(true);
  });
});

describe('If-Match', () => {
  it('is one revision in quotes', () => {
    expect(readIfMatch({ 'if-match': '"12"' })).toBe(12);
    expect(readIfMatch({})).toBeUndefined();
  });

  it.each(['12', '*', 'W/"12"', '"-1"', '"1","2"', '"1.5"', ''])('refuses %j', (tag) => {
    expect(() => readIfMatch({ 'if-match': tag })).toThrow('If-Match');
  });
});

describe('Redress-Position', () => {
  it('is a position as it was answered', () => {
    expect(readWantedPosition({ 'redress-position': '42' })).toBe('42');
    expect(readWantedPosition({})).toBeUndefined();
  });

  it.each(['', '-1', '01', 'abc', '1'.repeat(40)])('refuses %j', (position) => {
    expect(() => readWantedPosition({ 'redress-position': position })).toThrow('Redress-Position');
  });
});
