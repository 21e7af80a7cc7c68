import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, dayOf, daysBetween, type Recorded } from '#kernel';
import { anyHistory } from '#testing/complaints';
import type { ComplaintEvent } from '../complaint/complaint.events.js';
import { nextStep } from '../complaint/complaint.lifecycle.js';
import { replay } from '../complaint/complaint.replay.js';
import { evolve, type Complaint } from '../complaint/complaint.state.js';
import { timelinessOf, type Timeliness } from '../complaint/timeliness.policy.js';
import { complaintDetails, type ComplaintDetails } from './complaint-details.projection.js';
import { complaintRegister } from './complaint-register.projection.js';
import type { RegisteredComplaint } from './complaint-register.schema.js';
import { dailyStatistics, type ComplaintFigures } from './daily-statistics.projection.js';

type History = readonly Recorded<ComplaintEvent>[];

function stateOf(history: History): Complaint {
  const complaint = history.reduce(evolve, undefined as Complaint | undefined);
  if (!complaint) throw new Error('every history begins with a lodging');
  return complaint;
}

/** The verdict on the decision in force; the source's own until there has been a decision. */
function timelyOf(complaint: Complaint, respondBy: string | null): Timeliness | null {
  const { decision, earlierRounds, reopenings, source } = complaint;
  if (decision) return timelinessOf({ ...decision, decidedAt: decision.at }, respondBy);
  if (earlierRounds.length + reopenings.length > 0 || source?.timely === undefined) return null;
  return source.timely ? 'timely' : 'late';
}

/** The register's row as it follows from the state: a second way to the same thing. */
function registered(complaint: Complaint): RegisteredComplaint {
  const { acknowledgement, assessment, assignment, decision, reply, closure, forwardings } =
    complaint;
  const respondBy = acknowledgement?.respondBy ?? null;
  const forwardedAt = forwardings[0]?.at ?? null;
  const corrected = complaint.corrections.some(({ fact }) => fact === 'complainant.postalCode');
  const defect = (complaint.source?.defects ?? []).find((one) => one.startsWith('postal-code-'));
  return {
    reference: complaint.reference,
    status: complaint.status,
    nextStep: nextStep(complaint),
    product: complaint.product,
    subProduct: complaint.subProduct ?? null,
    issue: complaint.issue,
    subIssue: complaint.subIssue ?? null,
    channel: complaint.channel,
    unit: complaint.unit ?? null,
    respondent: forwardings.at(-1)?.respondent ?? null,
    assignee: assignment?.assignee ?? null,
    team: assignment?.team ?? null,
    priority: assessment?.priority ?? null,
    receivedAt: complaint.receivedAt,
    receivedDay: dayOf(complaint.receivedAt),
    respondBy,
    acknowledged: acknowledgement !== undefined,
    acknowledgedAt: acknowledgement?.at ?? null,
    forwardedAt,
    decidedAt: decision?.at ?? null,
    closedAt: closure?.at ?? null,
    lastEventAt: complaint.lastEventAt,
    closureReason: closure?.closureReason ?? null,
    outcome: decision?.outcome ?? null,
    finding: decision?.finding ?? null,
    timely: timelyOf(complaint, respondBy),
    reply: reply?.kind ?? null,
    region: complaint.region ?? null,
    country: complaint.country ?? null,
    postalCodeDefect:
      corrected || !defect
        ? null
        : (defect.slice('postal-code-'.length) as RegisteredComplaint['postalCodeDefect']),
    sourceSystem: complaint.source?.system ?? null,
    sourceId: complaint.source?.id ?? null,
    reopenedCount: complaint.reopenings.length,
    allegationCount: complaint.allegations.length,
    receivedToForwardedDays:
      forwardedAt === null ? null : daysBetween(complaint.receivedAt, forwardedAt),
    receivedToDecidedDays: decision ? daysBetween(complaint.receivedAt, decision.at) : null,
  };
}

describe('complaint-register', () => {
  it('shows what follows from the state, after every event', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let row: RegisteredComplaint | undefined;
        for (const [index, event] of history.entries()) {
          row = complaintRegister.evolve(row, event);
          expect(row).toEqual(registered(stateOf(history.slice(0, index + 1))));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has nothing but declared fields', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const projection of [complaintRegister, complaintDetails, dailyStatistics]) {
          const row = history.reduce<object | undefined>(
            (document, event) => projection.evolve(document as never, event),
            undefined,
          );
          expect(Object.keys(row ?? {}).toSorted()).toEqual(
            Object.keys(projection.fields).toSorted(),
          );
        }
      }),
    );
  });
});

describe('complaint-details', () => {
  it('equals the replay from the log, also when stored and read back between events', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let details: ComplaintDetails | undefined;
        for (const event of history) {
          details = complaintDetails.evolve(details, event);
          details = JSON.parse(canonicalJson(details)) as ComplaintDetails;
        }
        const replayed = replay(history, {});
        expect(replayed.kind).toBe('complaint');
        if (replayed.kind === 'not-lodged') return;
        expect(canonicalJson(details?.complaint)).toBe(canonicalJson(replayed.complaint));
      }),
    );
  });
});

describe('daily-statistics', () => {
  const idOf = (history: History, type: ComplaintEvent['type']) =>
    history.findLast((event) => event.type === type)?.id ?? null;

  it('names the events behind its days and numbers', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const row = history.reduce<ComplaintFigures | undefined>(
          (figures, event) => dailyStatistics.evolve(figures, event),
          undefined,
        );
        const complaint = stateOf(history);
        const decisions = [...complaint.earlierRounds, complaint].flatMap((round) =>
          round.decision ? [round.decision] : [],
        );
        const decision = decisions.at(-1);
        expect(row).toMatchObject({
          receivedDay: dayOf(complaint.receivedAt),
          receivedMonth: complaint.receivedAt.slice(0, 7),
          product: complaint.product,
          issue: complaint.issue,
          channel: complaint.channel,
          outcome: decision?.outcome ?? null,
          decidedDay: decision ? dayOf(decision.at) : null,
          daysToDecision: decision ? daysBetween(complaint.receivedAt, decision.at) : null,
          closedDay: complaint.closure ? dayOf(complaint.closure.at) : null,
          closureReason: complaint.closure?.closureReason ?? null,
          reopened: complaint.reopenings.length > 0,
          lodgedEventId: history[0]?.id,
          acknowledgedEventId: idOf(history, 'ComplaintAcknowledged'),
          decidedEventId: idOf(history, 'DecisionCommunicated'),
          disputedEventId: idOf(history, 'DecisionDisputed'),
          closedEventId: complaint.closure ? idOf(history, 'ComplaintClosed') : null,
          reopenedEventId: idOf(history, 'ComplaintReopened'),
          withdrawnEventId: idOf(history, 'ComplaintWithdrawn'),
        });
      }),
      { numRuns: 300 },
    );
  });
});
