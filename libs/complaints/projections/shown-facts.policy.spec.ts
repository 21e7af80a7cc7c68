import { describe, expect, it } from '@jest/globals';
import { correctionOf } from './shown-facts.policy.js';

describe('the facts that rows show', () => {
  it('takes a corrected fact that the row shows, also when it is emptied', () => {
    const shown = ['product', 'region'] as const;
    expect(correctionOf({ fact: 'region', value: 'TX' }, shown)).toEqual({ region: 'TX' });
    expect(correctionOf({ fact: 'region', value: null }, shown)).toEqual({ region: null });
  });

  it('leaves a fact alone that the row does not show', () => {
    expect(correctionOf({ fact: 'unit', value: 'North' }, ['product'])).toEqual({});
  });

  it('never takes personal data', () => {
    const correction = { fact: 'complainant.name', personalValue: 'Somebody' } as const;
    expect(correctionOf(correction, ['product', 'region'])).toEqual({});
  });
});
