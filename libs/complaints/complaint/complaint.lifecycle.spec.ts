import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ACCEPTED,
  ACKNOWLEDGED,
  anyAttempts,
  ASSESSMENT,
  CLOSED,
  complaintAfter,
  DECIDED,
  DISPUTED,
  lodged,
  play,
  WITHDRAWN,
} from '#testing/complaints';
import type { ComplaintEvent } from './complaint.events.js';
import { EVENTS_PER_COMPLAINT_MAX } from './complaint.limits.js';
import {
  allowedCommands,
  CLOSURE_REASONS_FROM,
  COMMAND_NAMES,
  lifecycle,
  nextStep,
  refusalOf,
  transitions,
} from './complaint.lifecycle.js';
import { evolve, STATUSES, type Complaint, type Status } from './complaint.state.js';
import { CLOSURE_REASONS } from './complaint.vocabulary.js';

const WAY_TO: { readonly [To in Status]: readonly ComplaintEvent[] } = {
  open: [lodged()],
  decided: [lodged(), DECIDED],
  accepted: [lodged(), DECIDED, ACCEPTED],
  disputed: [lodged(), DECIDED, DISPUTED],
  closed: [lodged(), CLOSED],
  withdrawn: [lodged(), WITHDRAWN],
};

function complaintIn(status: Status): Complaint {
  const complaint = complaintAfter(...WAY_TO[status]);
  if (complaint?.status !== status) throw new Error(`no way to ${status}`);
  return complaint;
}

describe('the lifecycle of a complaint', () => {
  it.each([
    [
      'open',
      'add forward acknowledge assess classify assign record communicate close withdraw correct',
    ],
    ['decided', 'classify assign record record close withdraw correct'],
    ['accepted', 'classify assign record close correct'],
    ['disputed', 'add forward assess classify assign record communicate close withdraw correct'],
    ['closed', 'record reopen correct'],
    ['withdrawn', 'record close reopen correct'],
  ] as const)('allows in status %s: %s', (status, verbs) => {
    const allowed = allowedCommands(complaintIn(status)).map((name) => name.split('-')[0]);
    expect(allowed.join(' ')).toBe(verbs);
  });

  it('allows nothing but lodging where there is no complaint', () => {
    expect(allowedCommands(undefined)).toEqual(['lodge-complaint']);
  });

  it('allows acknowledging and assessing once', () => {
    const complaint = complaintAfter(lodged(), ACKNOWLEDGED, {
      type: 'ComplaintAssessed',
      data: ASSESSMENT,
    });
    expect(refusalOf('acknowledge-complaint', complaint)?.code).toBe(
      'complaint.already-acknowledged',
    );
    expect(refusalOf('assess-complaint', complaint)?.code).toBe('complaint.already-assessed');
  });

  it('ends a complaint that reached its limit of events, and does nothing else', () => {
    const complaint = { ...complaintIn('open'), eventCount: EVENTS_PER_COMPLAINT_MAX };
    expect(allowedCommands(complaint)).toEqual(['close-complaint', 'withdraw-complaint']);
    expect(refusalOf('record-contact', complaint)?.code).toBe('complaint.too-many-events');
  });

  it('leads where its data says, whatever is tried', () => {
    const arrows = new Set(transitions().map(({ from, to }) => `${from} ${to}`));
    fc.assert(
      fc.property(anyAttempts, (attempts) => {
        let complaint: Complaint | undefined;
        for (const event of play(attempts)) {
          const next = evolve(complaint, event);
          if (complaint && next) expect(arrows).toContain(`${complaint.status} ${next.status}`);
          complaint = next;
        }
      }),
    );
  });

  it('reaches every status, and leads out of every one', () => {
    for (const status of STATUSES) {
      expect(transitions().some(({ from, to }) => from !== to && to === status)).toBe(true);
      expect(transitions().some(({ from, to }) => from === status && to !== status)).toBe(true);
    }
  });

  it('knows a status from which each closure reason holds, where closing is allowed', () => {
    for (const reason of CLOSURE_REASONS) {
      const from = STATUSES.filter((status) => CLOSURE_REASONS_FROM[status].includes(reason));
      expect({ reason, from }).not.toEqual({ reason, from: [] });
      for (const status of from) expect(lifecycle['close-complaint'].from).toHaveProperty(status);
    }
  });

  it('has a rule for every command', () => {
    expect(Object.keys(lifecycle)).toEqual([...COMMAND_NAMES]);
  });
});

describe('the next step', () => {
  const assessed: ComplaintEvent = { type: 'ComplaintAssessed', data: ASSESSMENT };
  const assigned: ComplaintEvent = { type: 'ComplaintAssigned', data: { team: 'a' } };

  it.each([
    ['acknowledge', [lodged()]],
    ['assess', [lodged(), ACKNOWLEDGED]],
    ['assign', [lodged(), ACKNOWLEDGED, assessed]],
    ['decide', [lodged(), ACKNOWLEDGED, assessed, assigned]],
    ['await-reply', WAY_TO.decided],
    ['answer-dispute', WAY_TO.disputed],
    ['close', WAY_TO.accepted],
    ['close', WAY_TO.withdrawn],
    ['none', WAY_TO.closed],
  ] as const)('is to %s', (step, events) => {
    const complaint = complaintAfter(...events);
    expect(complaint && nextStep(complaint)).toBe(step);
  });
});
