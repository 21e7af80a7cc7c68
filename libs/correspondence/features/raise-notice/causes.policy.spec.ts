import { describe, expect, it } from '@jest/globals';
import type { EventMetadata } from '#kernel';
import { noticeCalledFor, type Cause } from './causes.policy.js';

const NOW = '2026-11-22T12:00:00.000Z';

function cause(
  type: string,
  medium: string | undefined,
  metadata: Partial<EventMetadata> & { readonly via?: string } = {},
): Cause {
  const { via = 'http', ...more } = metadata;
  return {
    type,
    data: medium === undefined ? {} : { medium },
    id: '9030a475-2db2-5413-9af3-fe73433c3330',
    stream: 'complaint-3b266682-fd6d-515a-b424-6a7185b9b764',
    revision: 3,
    position: '17',
    metadata: {
      v: 1,
      actor: { id: 'handler-7', role: 'case-handler', via },
      recordedAt: '2026-11-21T12:00:00.000Z',
      commandId: '36048a85-bed7-5e3f-9595-9c811261beac',
      correlationId: '36048a85-bed7-5e3f-9595-9c811261beac',
      $correlationId: '36048a85-bed7-5e3f-9595-9c811261beac',
      schemaVersion: 1,
      salt: 'AAAAAAAAAAAAAAAAAAAAAA',
      ...more,
    },
  };
}

describe('what calls for a notice', () => {
  it.each([
    ['ComplaintAcknowledged', 'acknowledgement'],
    ['DecisionCommunicated', 'decision'],
  ])('is %s by e-mail', (type, kind) => {
    for (const via of ['http', 'cli']) {
      expect(noticeCalledFor(cause(type, 'e-mail', { via }), NOW)).toEqual({
        kind,
        complaint: 'complaint-3b266682-fd6d-515a-b424-6a7185b9b764',
        causeId: '9030a475-2db2-5413-9af3-fe73433c3330',
        causeRevision: 3,
      });
    }
  });

  it.each([
    ['another step', cause('ContactRecorded', 'e-mail')],
    ['another medium', cause('ComplaintAcknowledged', 'post')],
    ['no medium', cause('DecisionCommunicated', undefined)],
    ['an import', cause('DecisionCommunicated', 'e-mail', { via: 'import' })],
    ['a demonstration', cause('DecisionCommunicated', 'e-mail', { via: 'demo' })],
    ['the program itself', cause('DecisionCommunicated', 'e-mail', { via: 'worker' })],
    [
      'what was recorded eight days ago',
      cause('DecisionCommunicated', 'e-mail', { recordedAt: '2026-11-14T12:00:00.000Z' }),
    ],
    [
      'what happened eight days ago',
      cause('DecisionCommunicated', 'e-mail', { occurredAt: '2026-11-14T12:00:00.000Z' }),
    ],
  ])('is not %s', (_what, event) => {
    expect(noticeCalledFor(event, NOW)).toBeUndefined();
  });

  it('is what is just seven days old', () => {
    const recordedAt = '2026-11-15T12:00:00.000Z';
    const event = cause('DecisionCommunicated', 'e-mail', { recordedAt });
    expect(noticeCalledFor(event, NOW)).toBeDefined();
    expect(noticeCalledFor(event, '2026-11-22T12:00:00.001Z')).toBeUndefined();
  });
});
