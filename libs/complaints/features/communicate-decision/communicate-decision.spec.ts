import { describe, it } from '@jest/globals';
import { ACCEPTED, CLOSED, DECIDED, DISPUTED, given, lodged, REOPENED } from '#testing/complaints';
import { communicateDecision } from './communicate-decision.decide.js';

describe('communicate-decision', () => {
  const refund = { kind: 'refund', money: { amount: '12.50', currency: 'EUR' } } as const;

  it('records outcome, finding and remedies', () => {
    const data = { outcome: 'monetary-relief', finding: 'upheld', remedies: [refund] } as const;
    given(lodged()).when(communicateDecision, data).then({ type: 'DecisionCommunicated', data });
  });

  it('takes a decision without remedies', () => {
    given(lodged()).when(communicateDecision, { outcome: 'explanation' }).then(DECIDED);
  });

  it('answers a dispute, and decides anew after reopening', () => {
    given(lodged(), DECIDED, DISPUTED)
      .when(communicateDecision, { outcome: 'explanation' })
      .then(DECIDED);
    given(lodged(), DECIDED, CLOSED, REOPENED)
      .when(communicateDecision, { outcome: 'explanation' })
      .then(DECIDED);
  });

  it.each(['12,50', '-1', '1e3', '.5', '012', '12.34567', ''])(
    'refuses %j as an amount of money',
    (amount) => {
      const remedies = [{ kind: 'refund', money: { amount, currency: 'EUR' } }] as const;
      given(lodged())
        .when(communicateDecision, { outcome: 'monetary-relief', remedies })
        .thenRefused('field.bad-value');
    },
  );

  it('refuses money without a currency', () => {
    const money = { amount: '12.50' } as typeof refund.money;
    given(lodged())
      .when(communicateDecision, { outcome: 'monetary-relief', remedies: [{ ...refund, money }] })
      .thenRefused('field.missing');
  });

  it('refuses more remedies than a decision may have', () => {
    const remedies = Array.from({ length: 21 }, () => refund);
    given(lodged())
      .when(communicateDecision, { outcome: 'monetary-relief', remedies })
      .thenRefused('field.too-many');
  });

  it('refuses remedies where no relief is granted', () => {
    given(lodged())
      .when(communicateDecision, { outcome: 'no-relief', remedies: [refund] })
      .thenRefused('decision.remedies-contradict-outcome');
  });

  it('refuses another decision while one is in force', () => {
    given(lodged(), DECIDED)
      .when(communicateDecision, { outcome: 'no-relief' })
      .thenRefused('complaint.already-decided');
    given(lodged(), DECIDED, ACCEPTED)
      .when(communicateDecision, { outcome: 'no-relief' })
      .thenRefused('complaint.already-accepted');
  });

  it('refuses a decision before receipt', () => {
    given(lodged())
      .when(
        communicateDecision,
        { outcome: 'no-relief' },
        { occurredAt: '2026-03-01T00:00:00.000Z' },
      )
      .thenRefused('moment.before-receipt');
  });

  it('refuses an answer to a dispute that is older than the dispute', () => {
    given(lodged(), DECIDED, DISPUTED)
      .when(
        communicateDecision,
        { outcome: 'no-relief' },
        { occurredAt: '2026-03-02T09:30:00.000Z' },
      )
      .thenRefused('moment.before-previous-step');
  });
});
