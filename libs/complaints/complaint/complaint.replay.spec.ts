import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { happenedAt } from '#kernel';
import { ACKNOWLEDGED, anyHistory, DECIDED, lodged, recorded } from '#testing/complaints';
import { replay } from './complaint.replay.js';
import { evolve, type Complaint } from './complaint.state.js';
import { diff, viewOf } from './complaint.view.js';

// Received on the 2nd, typed in on the 5th. Acknowledged by post on the 3rd, recorded on the 6th.
// On the 10th the channel turns out to have been post.
const HISTORY = [
  recorded(lodged(), 0, { recordedAt: '2026-03-05T09:00:00.000Z' }),
  recorded(ACKNOWLEDGED, 1, {
    recordedAt: '2026-03-06T09:00:00.000Z',
    occurredAt: '2026-03-03T09:00:00.000Z',
  }),
  recorded({ type: 'FactCorrected', data: { fact: 'channel', value: 'post' } }, 2, {
    recordedAt: '2026-03-10T09:00:00.000Z',
  }),
  recorded(DECIDED, 3, { recordedAt: '2026-03-12T09:00:00.000Z' }),
];

function shown(moment: Parameters<typeof replay>[1]) {
  const replayed = replay(HISTORY, moment);
  if (replayed.kind === 'not-lodged') return 'not-lodged';
  const { status, channel, acknowledgement } = replayed.complaint;
  return `${status} ${channel} ${acknowledgement ? 'acknowledged' : 'unacknowledged'}`;
}

describe('replay', () => {
  it('goes by when things happened with `at`, by when they were recorded with `knownAt`', () => {
    expect(shown({})).toBe('decided post acknowledged');
    expect(shown({ at: '2026-03-04T00:00:00.000Z' })).toBe('open post acknowledged');
    expect(shown({ knownAt: '2026-03-04T00:00:00.000Z' })).toBe('not-lodged');
    expect(shown({ knownAt: '2026-03-05T12:00:00.000Z' })).toBe('open phone unacknowledged');
    expect(shown({ knownAt: '2026-03-06T12:00:00.000Z' })).toBe('open phone acknowledged');
    expect(shown({ knownAt: '2026-03-10T12:00:00.000Z' })).toBe('open post acknowledged');
  });

  it('combines both: what was believed then of how it had been even earlier', () => {
    const at = '2026-03-04T00:00:00.000Z';
    expect(shown({ at, knownAt: '2026-03-05T12:00:00.000Z' })).toBe('open phone unacknowledged');
    expect(shown({ at, knownAt: '2026-03-06T12:00:00.000Z' })).toBe('open phone acknowledged');
    expect(shown({ at, event: 2 })).toBe('open phone acknowledged');
  });

  it('has a complaint from its receipt on, as corrected, and none before', () => {
    expect(shown({ at: '2026-03-02T08:59:59.999Z' })).toBe('not-lodged');
    expect(shown({ at: '2026-03-02T09:00:00.000Z' })).toBe('open post unacknowledged');
    const earlier = recorded(
      { type: 'FactCorrected', data: { fact: 'receivedAt', value: '2026-03-01T00:00:00.000Z' } },
      4,
      { recordedAt: '2026-03-13T00:00:00.000Z' },
    );
    const at = '2026-03-01T12:00:00.000Z';
    expect(replay([...HISTORY, earlier], { at }).kind).toBe('complaint');
    expect(replay([...HISTORY, earlier], { at, event: 4 }).kind).toBe('not-lodged');
  });

  it('takes moments inclusively', () => {
    expect(shown({ at: '2026-03-12T09:00:00.000Z' })).toMatch(/^decided/);
    expect(shown({ at: '2026-03-12T08:59:59.999Z' })).toMatch(/^open/);
  });

  it('answers for the first N events with their fold, for every N', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let folded: Complaint | undefined;
        expect(replay(history, { event: 0 })).toEqual({ kind: 'not-lodged' });
        for (const [index, event] of history.entries()) {
          folded = evolve(folded, event);
          const replayed = replay(history, { event: index + 1 });
          expect(replayed).toEqual({ kind: 'complaint', complaint: folded });
        }
      }),
    );
  });

  it('tells both time lines apart only where a fact came late or was corrected', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(30), (history, pick) => {
        const moment = history[pick % history.length]?.metadata.recordedAt ?? '';
        const late = history.some(
          (event) =>
            event.type === 'FactCorrected' ||
            happenedAt(event.metadata) !== event.metadata.recordedAt ||
            (event.type === 'ComplaintLodged' && event.data.receivedAt > moment),
        );
        if (late) return;
        const { receivedAt } = history[0]?.type === 'ComplaintLodged' ? history[0].data : {};
        expect(receivedAt).toBeDefined();
        expect(replay(history, { at: moment })).toEqual(replay(history, { knownAt: moment }));
      }),
    );
  });
});

describe('diff', () => {
  const view = (event: number) => {
    const replayed = replay(HISTORY, { event });
    return replayed.kind === 'complaint' ? viewOf(replayed.complaint) : undefined;
  };

  it('names what changed by its path, with both values', () => {
    const changes = diff(view(2), view(3));
    expect(changes).toContainEqual({ path: 'channel', from: 'phone', to: 'post' });
    expect(changes.map(({ path }) => path)).toEqual([
      'channel',
      'corrections[0]',
      'eventCount',
      'lastEventAt',
    ]);
  });

  it('says of what came and what went only the side that has it', () => {
    const paths = diff(view(1), view(2)).map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith('allowed'))).toEqual(['allowed']);
    const coming = diff(view(1), view(2)).find(({ path }) => path === 'acknowledgement');
    expect(coming).toEqual({ path: 'acknowledgement', to: view(2)?.acknowledgement });
    const going = diff(view(2), view(1)).find(({ path }) => path === 'acknowledgement');
    expect(going).toEqual({ path: 'acknowledgement', from: view(2)?.acknowledgement });
  });

  it('is empty between equals and one whole complaint from nothing', () => {
    expect(diff(view(3), view(3))).toEqual([]);
    expect(diff(undefined, undefined)).toEqual([]);
    expect(diff(undefined, view(1))).toEqual([{ path: '', to: view(1) }]);
  });
});
