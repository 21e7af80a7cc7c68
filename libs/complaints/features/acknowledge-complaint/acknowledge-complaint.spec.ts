import { describe, it } from '@jest/globals';
import { ACKNOWLEDGED, CLOSED, given, lodged, NOW, REOPENED, SHA256 } from '#testing/complaints';
import { acknowledgeComplaint } from './acknowledge-complaint.decide.js';

describe('acknowledge-complaint', () => {
  it('records medium, content, contact and promise', () => {
    const data = {
      medium: 'e-mail',
      contentSha256: SHA256,
      contact: 'desk-3',
      respondBy: '2026-04-17T00:00:00.000Z',
    } as const;
    given(lodged()).when(acknowledgeComplaint, data).then({ type: 'ComplaintAcknowledged', data });
  });

  it('refuses a second acknowledgement, also after reopening', () => {
    given(lodged(), ACKNOWLEDGED)
      .when(acknowledgeComplaint, { medium: 'e-mail' })
      .thenRefused('complaint.already-acknowledged');
    given(lodged(), ACKNOWLEDGED, CLOSED, REOPENED)
      .when(acknowledgeComplaint, { medium: 'e-mail' })
      .thenRefused('complaint.already-acknowledged');
  });

  it('refuses a promise that lies before the acknowledgement', () => {
    given(lodged())
      .when(acknowledgeComplaint, { medium: 'post', respondBy: NOW })
      .thenRefused('promise.in-the-past');
  });

  it('measures the promise from when it happened, not from when it was typed in', () => {
    const data = { medium: 'post', respondBy: '2026-03-10T00:00:00.000Z' } as const;
    given(lodged())
      .when(acknowledgeComplaint, data, { occurredAt: '2026-03-03T00:00:00.000Z' })
      .then({ type: 'ComplaintAcknowledged', data });
  });

  it('refuses a moment before receipt', () => {
    given(lodged())
      .when(acknowledgeComplaint, { medium: 'post' }, { occurredAt: '2026-03-01T00:00:00.000Z' })
      .thenRefused('moment.before-receipt');
  });

  it('refuses it for a complaint that is not there', () => {
    given().when(acknowledgeComplaint, { medium: 'post' }).thenRefused('complaint.not-lodged');
  });

  it('refuses a medium and a hash that do not exist', () => {
    given(lodged())
      .when(acknowledgeComplaint, { medium: 'pigeon' as 'post' })
      .thenRefused('field.bad-value');
    given(lodged())
      .when(acknowledgeComplaint, { medium: 'post', contentSha256: SHA256.toUpperCase() })
      .thenRefused('field.bad-value');
  });
});
