import { describe, it } from '@jest/globals';
import { ACCEPTED, CLOSED, DECIDED, DISPUTED, given, lodged, WITHDRAWN } from '#testing/complaints';
import { withdrawComplaint } from './withdraw-complaint.decide.js';

describe('withdraw-complaint', () => {
  it('records a withdrawal before and after the decision', () => {
    given(lodged()).when(withdrawComplaint, {}).then(WITHDRAWN);
    given(lodged(), DECIDED).when(withdrawComplaint, {}).then(WITHDRAWN);
    given(lodged(), DECIDED, DISPUTED)
      .when(withdrawComplaint, { medium: 'phone' })
      .then({ type: 'ComplaintWithdrawn', data: { medium: 'phone' } });
  });

  it('records it once', () => {
    given(lodged(), WITHDRAWN).when(withdrawComplaint, { medium: 'phone' }).thenNothing();
  });

  it('refuses it once the decision was accepted or the complaint closed', () => {
    given(lodged(), DECIDED, ACCEPTED)
      .when(withdrawComplaint, {})
      .thenRefused('complaint.already-accepted');
    given(lodged(), CLOSED).when(withdrawComplaint, {}).thenRefused('complaint.closed');
    given(lodged(), WITHDRAWN, CLOSED).when(withdrawComplaint, {}).thenRefused('complaint.closed');
  });
});
