import { describe, expect, it } from '@jest/globals';
import { outline } from './output.js';

describe('the outline of a value', () => {
  it('has a line a member, indented, and none for what is not there', () => {
    const value = {
      product: 'Current account',
      region: undefined,
      country: null,
      enclosures: [],
      complainant: { email: undefined, name: 'A. Name' },
      allowed: ['assess', 'close'],
      number: 0,
    };
    expect(outline(value)).toBe(
      [
        'product: Current account',
        'complainant:',
        '  name: A. Name',
        'allowed: assess, close',
        'number: 0',
      ].join('\n'),
    );
  });
});
