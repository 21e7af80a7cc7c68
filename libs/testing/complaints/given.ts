import { expect } from '@jest/globals';
import {
  evolve,
  type Complaint,
  type ComplaintDecider,
  type ComplaintEvent,
  type RefusalCode,
} from '#complaints/contract';
import { instantFromMillis, millisOf, type CommandContext, type Recorded } from '#kernel';
import { contextAt, NOW, RECEIVED_AT, recorded } from './examples.js';

const HOUR_MS = 3_600_000;

/** A history: events an hour apart, the first one an hour after receipt. */
export function historyOf(events: readonly ComplaintEvent[]): readonly Recorded<ComplaintEvent>[] {
  return events.map((event, revision) =>
    recorded(event, revision, {
      recordedAt: instantFromMillis(millisOf(RECEIVED_AT) + (revision + 1) * HOUR_MS),
    }),
  );
}

/** The complaint after these events. */
export function complaintAfter(...events: readonly ComplaintEvent[]): Complaint | undefined {
  return historyOf(events).reduce(evolve, undefined as Complaint | undefined);
}

/** Given these events, when this is commanded, then … */
export function given(...events: readonly ComplaintEvent[]) {
  return {
    when<Command>(
      decide: ComplaintDecider<Command>,
      command: Command,
      context: Partial<CommandContext> = {},
    ) {
      const decision = decide(complaintAfter(...events), command, contextAt(NOW, context));
      return {
        then: (...expected: readonly ComplaintEvent[]): void =>
          expect(decision).toEqual({ kind: 'accepted', events: expected }),
        thenNothing: (): void => expect(decision).toEqual({ kind: 'accepted', events: [] }),
        thenRefused: (code: RefusalCode): void =>
          expect(decision).toMatchObject({ kind: 'rejected', code }),
      };
    },
  };
}
