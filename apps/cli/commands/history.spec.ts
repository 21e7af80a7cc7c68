import { describe, expect, it } from '@jest/globals';
import type { RecordedComplaintEvent } from '#complaints/contract';
import { historyTable } from './history.js';

describe('the history for people', () => {
  it('leaves out the grounds of a dispute, which the complainant wrote', () => {
    const event = {
      type: 'DecisionDisputed',
      revision: 3,
      data: { medium: 'web', grounds: 'I was in hospital' },
      metadata: {
        recordedAt: '2026-11-20T10:00:00.000Z',
        actor: { id: 'handler-01', role: 'case-handler', via: 'http' },
      },
    } as RecordedComplaintEvent;
    const table = historyTable([event]);
    expect(table).toContain('web');
    expect(table).not.toContain('hospital');
  });
});
