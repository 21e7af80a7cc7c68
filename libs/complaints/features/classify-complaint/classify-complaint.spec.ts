import { describe, it } from '@jest/globals';
import { CLOSED, DECIDED, given, lodged } from '#testing/complaints';
import { classifyComplaint } from './classify-complaint.decide.js';

describe('classify-complaint', () => {
  const classification = { product: 'Credit card', issue: 'Billing', subIssue: 'Double charge' };

  it('records product and issue, also after the decision', () => {
    given(lodged(), DECIDED)
      .when(classifyComplaint, classification)
      .then({ type: 'ComplaintClassified', data: classification });
  });

  it('records nothing when it says what the complaint was lodged with', () => {
    given(lodged())
      .when(classifyComplaint, { product: 'Mortgage', issue: 'Late fee' })
      .thenNothing();
  });

  it('records the same classification once, and one without its sub-issue as another', () => {
    const before = { type: 'ComplaintClassified', data: classification } as const;
    given(lodged(), before).when(classifyComplaint, classification).thenNothing();
    const { subIssue: _subIssue, ...coarser } = classification;
    given(lodged(), before)
      .when(classifyComplaint, coarser)
      .then({ type: 'ComplaintClassified', data: coarser });
  });

  it('refuses it once the complaint is closed', () => {
    given(lodged(), CLOSED).when(classifyComplaint, classification).thenRefused('complaint.closed');
  });
});
