import { describe, expect, it } from '@jest/globals';
import { letterOf } from './notice-letter.view.js';
import { recipientOf } from './recipient.policy.js';

const FACTS = {
  reference: 'C-26-7F3K-9QXM-Q',
  receivedAt: '2026-11-20T09:30:00.000Z',
  name: 'Ada Example',
};

describe('letters', () => {
  it('acknowledge: what arrived, under which reference, until when, and whom to turn to', () => {
    const step = {
      kind: 'acknowledgement',
      respondBy: '2026-12-20T00:00:00.000Z',
      contact: 'desk-3',
    } as const;
    expect(letterOf({ ...FACTS, step })).toEqual({
      subject: 'Your complaint C-26-7F3K-9QXM-Q: we received it',
      text: [
        'Dear Ada Example,',
        '',
        'Your complaint of 2026-11-20 has reached us. Its reference is C-26-7F3K-9QXM-Q.',
        '',
        'We are looking into it and will answer you by 2026-12-20.',
        '',
        'With any question, turn to desk-3 and name the reference C-26-7F3K-9QXM-Q.',
        '',
      ].join('\n'),
    });
  });

  it('say where the proof is, and what it is good for, when there is an address', () => {
    const receipt = 'https://complaints.example/ledger/proofs/0b9e';
    const { text } = letterOf({ ...FACTS, step: { kind: 'acknowledgement', receipt } });
    const [, , , proof] = text.split('\n\n');
    expect(proof).toBe(
      'Save the file at this address: with it anybody can check, without us, whether what we recorded ' +
        `was changed or removed later:\n${receipt}`,
    );
    expect(letterOf({ ...FACTS, step: { kind: 'acknowledgement' } }).text).not.toContain('Save');
  });

  it('promise nothing that was not promised', () => {
    const { text } = letterOf({ ...FACTS, name: undefined, step: { kind: 'acknowledgement' } });
    expect(text).toContain('Good day,\n\n');
    expect(text).toContain('as soon as there is an answer');
    expect(text).toContain('answer this message and name the reference');
  });

  it('tell a decision with its finding, remedies, explanation and recourse', () => {
    const step = {
      kind: 'decision',
      outcome: 'monetary-relief',
      finding: 'partly-upheld',
      remedies: [
        { kind: 'refund', money: { amount: '12.50', currency: 'EUR' }, note: 'to your\naccount' },
        { kind: 'goodwill' },
      ],
      explanation: 'The fee was charged twice.',
      externalRecourse: 'the ombudsman',
    } as const;
    expect(
      letterOf({ ...FACTS, step })
        .text.split('\n\n')
        .slice(1),
    ).toEqual([
      'We have decided on your complaint of 2026-11-20, reference C-26-7F3K-9QXM-Q.',
      'We find your complaint justified in part. We grant you a payment.',
      'What we do:\n- refund: 12.50 EUR (to your account)\n- goodwill',
      'The fee was charged twice.',
      'If you do not agree, tell us; or turn to the ombudsman.',
      'With any question, answer this message and name the reference C-26-7F3K-9QXM-Q.\n',
    ]);
    const bare = { kind: 'decision', outcome: 'not-stated', remedies: [] } as const;
    expect(letterOf({ ...FACTS, step: bare }).text).toContain('tell us, and we look at it again');
  });
});

describe('recipients', () => {
  it.each([
    ['ada@example.org', { kind: 'address', address: 'ada@example.org' }],
    [' ada@example.org ', { kind: 'address', address: 'ada@example.org' }],
    ['ada@münchen.example', { kind: 'address', address: 'ada@münchen.example' }],
    [undefined, { kind: 'nobody', code: 'notice.no-address' }],
    ['  ', { kind: 'nobody', code: 'notice.no-address' }],
    ['a@example.org,b@example.org', { kind: 'nobody', code: 'notice.bad-address' }],
    ['a@example.org\r\nBcc: b@example.org', { kind: 'nobody', code: 'notice.bad-address' }],
    ['Ada <ada@example.org>', { kind: 'nobody', code: 'notice.bad-address' }],
    ['by post, please', { kind: 'nobody', code: 'notice.bad-address' }],
  ])('%j', (email, expected) => {
    const complainant = email === undefined ? {} : { email };
    expect(recipientOf({ status: 'open', complainant })).toEqual(expected);
  });

  it('are nobody once the complaint was withdrawn', () => {
    const complainant = { email: 'ada@example.org' };
    expect(recipientOf({ status: 'withdrawn', complainant })).toEqual({
      kind: 'nobody',
      code: 'notice.complaint-withdrawn',
    });
  });
});
