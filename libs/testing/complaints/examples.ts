import {
  referenceOf,
  streamOfReference,
  type AssessComplaint,
  type ComplaintEvent,
  type ComplaintLodged,
  type LodgeComplaint,
} from '#complaints/contract';
import { eventIdOf, type CommandContext, type Instant, type Recorded } from '#kernel';

export const RECEIVED_AT: Instant = '2026-03-02T09:00:00.000Z';
/** When commands under test are handled: after everything that was given. */
export const NOW: Instant = '2026-03-20T12:00:00.000Z';

export const COMMAND_ID = '6f8b3c1e-2a4d-4c5e-8f60-718293a4b5c6';
export const REFERENCE = referenceOf(COMMAND_ID, 2026, 0);
export const OTHER_REFERENCE = referenceOf(COMMAND_ID, 2026, 1);
export const STREAM = streamOfReference(REFERENCE);
export const SHA256 = 'ab'.repeat(32);

export function contextAt(now: Instant, more: Partial<CommandContext> = {}): CommandContext {
  const actor = { id: 'handler-7', role: 'case-handler', via: 'http' };
  return { commandId: COMMAND_ID, actor, now, ...more };
}

export const LODGE: LodgeComplaint = {
  reference: REFERENCE,
  channel: 'phone',
  product: 'Mortgage',
  allegations: [{ issue: 'Late fee' }],
};

const LODGED: ComplaintLodged['data'] = {
  reference: REFERENCE,
  channel: 'phone',
  receivedAt: RECEIVED_AT,
  receivedZone: 'UTC',
  complainant: { name: 'Ada Example', email: 'ada@example.org' },
  product: 'Mortgage',
  narrative: 'They charged me twice.',
  allegations: [{ number: 1, issue: 'Late fee' }],
  enclosures: [],
};

export function lodged(data: Partial<ComplaintLodged['data']> = {}): ComplaintEvent {
  return { type: 'ComplaintLodged', data: { ...LODGED, ...data } };
}

export const ACKNOWLEDGED: ComplaintEvent = {
  type: 'ComplaintAcknowledged',
  data: { medium: 'e-mail', respondBy: '2026-03-30T00:00:00.000Z' },
};

export const ASSESSMENT: AssessComplaint = {
  criteria: {
    severity: { level: 'high', reason: 'A house is at stake.' },
    safety: { level: 'none' },
    complexity: { level: 'low' },
    impact: { level: 'medium' },
    immediateAction: { level: 'none' },
  },
  priority: 'high',
};

export const DECIDED: ComplaintEvent = {
  type: 'DecisionCommunicated',
  data: { outcome: 'explanation', remedies: [] },
};
export const ACCEPTED: ComplaintEvent = { type: 'DecisionAccepted', data: {} };
export const DISPUTED: ComplaintEvent = { type: 'DecisionDisputed', data: {} };
export const WITHDRAWN: ComplaintEvent = { type: 'ComplaintWithdrawn', data: {} };
export const CLOSED: ComplaintEvent = {
  type: 'ComplaintClosed',
  data: { closureReason: 'out-of-scope' },
};
export const REOPENED: ComplaintEvent = {
  type: 'ComplaintReopened',
  data: { ground: 'new-information' },
};

export type RecordedAt = { readonly recordedAt: Instant; readonly occurredAt?: Instant };

/** An event as a store would hand it back after decoding, the n-th of its stream. */
export function recorded<Event extends ComplaintEvent>(
  event: Event,
  revision: number,
  times: RecordedAt,
): Recorded<Event> {
  return {
    ...event,
    id: eventIdOf(COMMAND_ID, revision),
    stream: STREAM,
    revision,
    position: String(revision + 1),
    metadata: {
      v: 1,
      actor: { id: 'handler-7', role: 'case-handler', via: 'http' },
      ...times,
      commandId: COMMAND_ID,
      correlationId: COMMAND_ID,
      schemaVersion: 1,
      salt: 'AAAAAAAAAAAAAAAAAAAAAA',
      $correlationId: COMMAND_ID,
    },
  };
}
