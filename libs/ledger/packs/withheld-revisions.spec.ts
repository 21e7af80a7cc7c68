import { describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '#kernel';
import { SCOPE_WORDS_MAX } from './pack-bounds.js';
import { rangesOf } from './pack-readme.js';
import { withheldRevisions } from './withheld-revisions.js';

const EVENTS = ['Lodged', 'Contacted', 'Decided', 'Contacted'].map(
  (type, revision) => ({ type, revision }) as StoredEvent,
);

describe('what is withheld', () => {
  it('is nothing unless asked', () => {
    expect(withheldRevisions(EVENTS, {})).toEqual([]);
  });

  it('is what has a type, and what is at a revision', () => {
    expect(withheldRevisions(EVENTS, { withhold: ['Contacted', '2'] })).toEqual([1, 2, 3]);
  });

  it('is all but the types that alone are shown, and of those what is withheld besides', () => {
    const only = ['Lodged', 'Contacted'];
    expect(withheldRevisions(EVENTS, { only })).toEqual([2]);
    expect(withheldRevisions(EVENTS, { only, withhold: ['3'] })).toEqual([2, 3]);
  });

  it.each([
    { withhold: ['Contactd'] },
    { withhold: ['4'] },
    { withhold: ['01'] },
    { withhold: ['-1'] },
    { only: ['2'] },
    { only: ['Closed'] },
    { withhold: Array.from({ length: SCOPE_WORDS_MAX + 1 }, () => '1') },
  ])('is never guessed from what is not there: %j', (filter) => {
    expect(() => withheldRevisions(EVENTS, filter)).toThrow(
      expect.objectContaining({ code: 'ledger.unknown-scope' }),
    );
  });

  it('is told in ranges', () => {
    expect(rangesOf([0, 2, 3, 4, 9, 10])).toBe('0, 2-4, 9-10');
    expect(rangesOf([])).toBe('');
  });
});
