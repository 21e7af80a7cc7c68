import { describe, expect, it } from '@jest/globals';
import type { EventMetadata } from '#kernel';
import { knownMoment } from './known-moment.policy.js';

function metadata(via: string, occurredAt?: string): EventMetadata {
  return {
    v: 1,
    actor: { id: 'import-cfpb', role: 'importer', via },
    recordedAt: '2026-03-02T09:00:00.000Z',
    ...(occurredAt === undefined ? {} : { occurredAt }),
    commandId: 'a',
    correlationId: 'a',
    schemaVersion: 1,
    salt: '',
    $correlationId: 'a',
  };
}

describe('the moment of a step', () => {
  it('is when it happened, or was recorded', () => {
    expect(knownMoment(metadata('http'))).toBe('2026-03-02T09:00:00.000Z');
    expect(knownMoment(metadata('http', '2015-01-02T00:00:00.000Z'))).toMatch(/^2015/);
  });

  it('is not known where an import brings a step without one', () => {
    expect(knownMoment(metadata('import'))).toBeNull();
    expect(knownMoment(metadata('import', '2015-01-02T00:00:00.000Z'))).toMatch(/^2015/);
  });
});
