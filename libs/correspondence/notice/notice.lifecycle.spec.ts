import { describe, expect, it } from '@jest/globals';
import { instantFromMillis, millisOf, type CommandContext, type Recorded } from '#kernel';
import { notices } from '../projections/notices.projection.js';
import { attemptDelivery } from '../features/attempt-delivery/attempt-delivery.decide.js';
import { giveUpNotice } from '../features/give-up-notice/give-up-notice.decide.js';
import { raiseNotice } from '../features/raise-notice/raise-notice.decide.js';
import { replayNotice } from '../features/replay-notice/replay-notice.decide.js';
import { retryDelayMs, settleAttempt } from '../features/settle-attempt/settle-attempt.decide.js';
import type { NoticeEvent } from './notice.events.js';
import { ATTEMPTS_MAX } from './notice.limits.js';
import { evolveNotice, type Notice } from './notice.state.js';

const START = '2026-11-22T12:00:00.000Z';
const NOW = '2026-11-23T12:00:00.000Z';
const CAUSE = '9030a475-2db2-5413-9af3-fe73433c3330';
const RAISE = {
  kind: 'decision',
  complaint: 'complaint-3b266682-fd6d-515a-b424-6a7185b9b764',
  causeId: CAUSE,
  causeRevision: 4,
} as const;
const RAISED: NoticeEvent = { type: 'NoticeRaised', data: RAISE };
const SENT: NoticeEvent = {
  type: 'NoticeSent',
  data: { attempt: 1, medium: 'smtp', messageId: '<a@b>' },
};
const FAILED: NoticeEvent = { type: 'NoticeFailed', data: { code: 'mail.refused' } };
const REPLAYED: NoticeEvent = { type: 'NoticeReplayed', data: {} };

function attempted(attempt: number, abandonedAt = START): NoticeEvent {
  return { type: 'NoticeAttempted', data: { attempt, abandonedAt } };
}

function deferred(attempt: number, nextAttemptAt = START): NoticeEvent {
  return { type: 'NoticeDeferred', data: { attempt, code: 'mail.timeout', nextAttemptAt } };
}

function context(now = NOW): CommandContext {
  return { commandId: CAUSE, actor: { id: 'redress', role: 'system', via: 'worker' }, now };
}

function recorded(event: NoticeEvent, revision: number): Recorded<NoticeEvent> {
  const metadata = {
    v: 1,
    ...context(),
    recordedAt: instantFromMillis(millisOf(START) + revision * 1_000),
    correlationId: CAUSE,
    $correlationId: CAUSE,
    schemaVersion: 1,
    salt: 'AAAAAAAAAAAAAAAAAAAAAA',
  };
  const place = { id: CAUSE, stream: `notice-${CAUSE}`, revision, position: `${revision}` };
  return { ...event, ...place, metadata } as Recorded<NoticeEvent>;
}

function after(...events: readonly NoticeEvent[]): Notice | undefined {
  return events.map(recorded).reduce(evolveNotice, undefined as Notice | undefined);
}

describe('a notice', () => {
  it('is raised once for its cause', () => {
    expect(raiseNotice(undefined, RAISE)).toEqual({ kind: 'accepted', events: [RAISED] });
    expect(raiseNotice(after(RAISED), RAISE)).toEqual({ kind: 'accepted', events: [] });
  });

  it('is attempted when it is due, and by nobody else for a while', () => {
    const attempt = { timeoutMs: 60_000 };
    expect(attemptDelivery(after(RAISED), attempt, context())).toEqual({
      kind: 'accepted',
      events: [attempted(1, '2026-11-23T12:01:00.000Z')],
    });
    const taken = after(RAISED, attempted(1, '2026-11-23T12:01:00.000Z'));
    expect(attemptDelivery(taken, attempt, context())).toMatchObject({ code: 'notice.not-due' });
    expect(attemptDelivery(taken, attempt, context('2026-11-23T12:01:00.000Z'))).toMatchObject({
      events: [{ data: { attempt: 2 } }],
    });
    for (const settled of [SENT, FAILED]) {
      const notice = after(RAISED, attempted(1), settled);
      expect(attemptDelivery(notice, attempt, context())).toMatchObject({ code: 'notice.settled' });
      expect(giveUpNotice(notice, { code: 'notice.no-address' }, context())).toMatchObject({
        code: 'notice.settled',
      });
    }
    expect(attemptDelivery(undefined, attempt, context())).toMatchObject({
      code: 'notice.not-raised',
    });
  });

  it('is settled by its own attempt only', () => {
    const outcome = { kind: 'accepted', medium: 'smtp', messageId: '<a@b>' } as const;
    const notice = after(RAISED, attempted(1));
    expect(settleAttempt(notice, { attempt: 1, outcome }, context())).toEqual({
      kind: 'accepted',
      events: [SENT],
    });
    const again = after(RAISED, attempted(1), attempted(2));
    for (const late of [again, after(RAISED, attempted(1), SENT), after(RAISED)]) {
      expect(settleAttempt(late, { attempt: 1, outcome }, context())).toMatchObject({
        code: 'notice.not-attempted',
      });
    }
  });

  it('is deferred for longer each time, and given up after the last attempt', () => {
    const outcome = { kind: 'failed', code: 'mail.timeout' } as const;
    const delaysMs: number[] = [];
    const history: NoticeEvent[] = [RAISED];
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
      history.push(attempted(attempt));
      const settled = settleAttempt(after(...history), { attempt, outcome }, context());
      expect(settled).toMatchObject({ kind: 'accepted', events: [{ type: 'NoticeDeferred' }] });
      delaysMs.push(retryDelayMs(attempt));
      history.push(deferred(attempt));
    }
    expect(delaysMs.map((delayMs) => delayMs / 1_000)).toEqual([
      30, 120, 480, 1_920, 7_680, 21_600, 21_600,
    ]);
    history.push(attempted(ATTEMPTS_MAX));
    const attempt = ATTEMPTS_MAX;
    expect(settleAttempt(after(...history), { attempt, outcome }, context())).toEqual({
      kind: 'accepted',
      events: [{ type: 'NoticeFailed', data: { code: 'mail.timeout' } }],
    });
    history.push(FAILED, REPLAYED, attempted(attempt + 1));
    expect(
      settleAttempt(after(...history), { attempt: attempt + 1, outcome }, context()),
    ).toMatchObject({ events: [{ type: 'NoticeDeferred' }] });
  });

  it('is given up at once when it is refused for good', () => {
    const outcome = { kind: 'refused', code: 'mail.refused' } as const;
    expect(settleAttempt(after(RAISED, attempted(1)), { attempt: 1, outcome }, context())).toEqual({
      kind: 'accepted',
      events: [FAILED],
    });
  });

  it('is replayed when it was given up, and only then', () => {
    expect(replayNotice(after(RAISED, FAILED))).toEqual({ kind: 'accepted', events: [REPLAYED] });
    for (const notice of [after(RAISED), after(RAISED, attempted(1), SENT)]) {
      expect(replayNotice(notice)).toMatchObject({ code: 'notice.not-failed' });
    }
    expect(replayNotice(undefined)).toMatchObject({ code: 'notice.not-raised' });
  });

  it('has a row that says the same as its state', () => {
    const history = [
      RAISED,
      attempted(1, '2026-11-22T12:05:00.000Z'),
      deferred(1, '2026-11-22T12:10:00.000Z'),
      attempted(2, '2026-11-22T12:15:00.000Z'),
      FAILED,
      REPLAYED,
      attempted(3, '2026-11-22T12:20:00.000Z'),
      { ...SENT, data: { ...SENT.data, attempt: 3 } } as NoticeEvent,
    ].map(recorded);
    let state: Notice | undefined;
    let row: ReturnType<typeof notices.evolve>;
    for (const event of history) {
      state = evolveNotice(state, event);
      row = notices.evolve(row, event);
      const expected = state?.status === 'attempting' ? 'due' : state?.status;
      expect(row).toMatchObject({ state: expected, attempts: state?.attempts });
      expect(row?.dueAt ?? undefined).toBe(state?.dueAt);
    }
    expect(row).toMatchObject({ state: 'sent', replays: 1, attempts: 3, code: null });
  });
});
