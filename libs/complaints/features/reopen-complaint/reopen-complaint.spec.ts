import { describe, it } from '@jest/globals';
import { CLOSED, DECIDED, given, lodged, REOPENED, WITHDRAWN } from '#testing/complaints';
import { reopenComplaint } from './reopen-complaint.decide.js';

describe('reopen-complaint', () => {
  it('takes up a closed and a withdrawn complaint again', () => {
    given(lodged(), CLOSED).when(reopenComplaint, { ground: 'new-information' }).then(REOPENED);
    given(lodged(), WITHDRAWN).when(reopenComplaint, { ground: 'new-information' }).then(REOPENED);
  });

  it('refuses it while there is nothing to reopen', () => {
    given(lodged()).when(reopenComplaint, { ground: 'error' }).thenRefused('complaint.not-closed');
    given(lodged(), DECIDED)
      .when(reopenComplaint, { ground: 'error' })
      .thenRefused('complaint.not-closed');
    given(lodged(), CLOSED, REOPENED)
      .when(reopenComplaint, { ground: 'error' })
      .thenRefused('complaint.not-closed');
  });

  it('refuses a reopening older than the closing', () => {
    given(lodged(), CLOSED)
      .when(reopenComplaint, { ground: 'error' }, { occurredAt: '2026-03-02T10:30:00.000Z' })
      .thenRefused('moment.before-previous-step');
  });
});
