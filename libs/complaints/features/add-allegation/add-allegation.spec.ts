import { describe, it } from '@jest/globals';
import { DECIDED, given, lodged } from '#testing/complaints';
import { addAllegation } from './add-allegation.decide.js';

describe('add-allegation', () => {
  const another = { issue: 'Rude agent', description: 'He shouted.', occurredOn: '2026-02-28' };

  it('gives the allegation the next number', () => {
    given(lodged())
      .when(addAllegation, another)
      .then({ type: 'AllegationAdded', data: { allegation: { number: 2, ...another } } });
  });

  it('records the same allegation once', () => {
    given(lodged()).when(addAllegation, { issue: 'Late fee' }).thenNothing();
  });

  it('takes an allegation as another one when one of its details differs', () => {
    given(lodged())
      .when(addAllegation, { issue: 'Late fee', recurrent: true })
      .then({
        type: 'AllegationAdded',
        data: { allegation: { number: 2, issue: 'Late fee', recurrent: true } },
      });
  });

  it('refuses one more than a complaint may have', () => {
    const allegations = Array.from({ length: 50 }, (_, index) => ({
      number: index + 1,
      issue: `Issue ${index}`,
    }));
    given(lodged({ allegations })).when(addAllegation, another).thenRefused('allegation.too-many');
  });

  it('refuses a day that does not exist', () => {
    given(lodged())
      .when(addAllegation, { issue: 'Fee', occurredOn: '2026-02-30' })
      .thenRefused('field.bad-value');
  });

  it('refuses it once a decision was communicated', () => {
    given(lodged(), DECIDED).when(addAllegation, another).thenRefused('complaint.already-decided');
  });
});
