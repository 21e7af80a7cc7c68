import { describe, it } from '@jest/globals';
import { given, lodged, SHA256, DECIDED } from '#testing/complaints';
import { forwardComplaint } from './forward-complaint.decide.js';

describe('forward-complaint', () => {
  const toBank = { type: 'ComplaintForwarded', data: { respondent: 'Bank A' } } as const;

  it('records to whom the complaint was sent', () => {
    given(lodged()).when(forwardComplaint, { respondent: 'Bank A' }).then(toBank);
  });

  it('records the same respondent once', () => {
    given(lodged(), toBank).when(forwardComplaint, { respondent: 'Bank A' }).thenNothing();
  });

  it('sends it on to another respondent, and back again', () => {
    const toOther = { type: 'ComplaintForwarded', data: { respondent: 'Bank B' } } as const;
    given(lodged(), toBank).when(forwardComplaint, { respondent: 'Bank B' }).then(toOther);
    given(lodged(), toBank, toOther).when(forwardComplaint, { respondent: 'Bank A' }).then(toBank);
  });

  it('refuses a moment before receipt', () => {
    given(lodged())
      .when(forwardComplaint, { respondent: 'Bank A' }, { occurredAt: '2026-03-02T08:59:59.999Z' })
      .thenRefused('moment.before-receipt');
  });

  it('refuses a field that does not exist, whatever its value', () => {
    const command = { respondent: 'Bank A', contentSha256: SHA256 };
    given(lodged()).when(forwardComplaint, command).thenRefused('field.unknown');
  });

  it('refuses it once a decision was communicated', () => {
    given(lodged(), DECIDED)
      .when(forwardComplaint, { respondent: 'Bank A' })
      .thenRefused('complaint.already-decided');
  });
});
