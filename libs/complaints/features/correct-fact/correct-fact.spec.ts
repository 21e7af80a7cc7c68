import { describe, it } from '@jest/globals';
import { CLOSED, given, lodged, NOW, RECEIVED_AT } from '#testing/complaints';
import { correctFact } from './correct-fact.decide.js';

describe('correct-fact', () => {
  it('records the right value of a fact, in every status', () => {
    const event = { type: 'FactCorrected', data: { fact: 'channel', value: 'post' } } as const;
    given(lodged()).when(correctFact, { fact: 'channel', value: 'post' }).then(event);
    given(lodged(), CLOSED).when(correctFact, { fact: 'channel', value: 'post' }).then(event);
  });

  it('keeps personal values in the field for personal values', () => {
    const fact = 'complainant.email';
    given(lodged())
      .when(correctFact, { fact, value: 'ada@example.net' })
      .then({ type: 'FactCorrected', data: { fact, personalValue: 'ada@example.net' } });
  });

  it('says with null that a fact is not known', () => {
    given(lodged({ region: 'TX' }))
      .when(correctFact, { fact: 'region', value: null })
      .then({ type: 'FactCorrected', data: { fact: 'region', value: null } });
  });

  it('records nothing when the fact has this value', () => {
    given(lodged()).when(correctFact, { fact: 'channel', value: 'phone' }).thenNothing();
    given(lodged()).when(correctFact, { fact: 'unit', value: null }).thenNothing();
    given(lodged())
      .when(correctFact, { fact: 'complainant.email', value: 'ada@example.org' })
      .thenNothing();
  });

  it('refuses a fact that does not exist or cannot be corrected', () => {
    for (const fact of ['colour', 'reference', 'complainant', 'complainant.needs', '__proto__']) {
      given(lodged())
        .when(correctFact, { fact: fact as 'channel', value: 'x' })
        .thenRefused('fact.unknown');
    }
  });

  it.each([
    ['channel', 'pigeon'],
    ['channel', null],
    ['product', null],
    ['product', ''],
    ['receivedAt', null],
    ['receivedAt', '2026-03-01'],
    ['receivedAt', '2026-02-30T00:00:00.000Z'],
    ['country', 'usa'],
    ['language', 'English!'],
    ['remedySought', 'money'],
  ] as const)('refuses %s: %j', (fact, value) => {
    given(lodged()).when(correctFact, { fact, value }).thenRefused('fact.bad-value');
  });

  it('refuses a receipt in the future or after a step that was taken', () => {
    given(lodged())
      .when(correctFact, { fact: 'receivedAt', value: '2026-03-20T12:00:00.001Z' })
      .thenRefused('fact.bad-value');
    const forwarded = { type: 'ComplaintForwarded', data: { respondent: 'Bank A' } } as const;
    given(lodged(), forwarded)
      .when(correctFact, { fact: 'receivedAt', value: NOW })
      .thenRefused('moment.before-receipt');
  });

  it('takes an earlier receipt, and the same one as no event', () => {
    const value = '2026-03-01T00:00:00.000Z';
    given(lodged())
      .when(correctFact, { fact: 'receivedAt', value })
      .then({ type: 'FactCorrected', data: { fact: 'receivedAt', value } });
    given(lodged()).when(correctFact, { fact: 'receivedAt', value: RECEIVED_AT }).thenNothing();
  });
});
