import { accept, type CommandContext, type Decision, type Instant } from '#kernel';
import type { ComplaintEvent } from './complaint.events.js';
import { momentRefusalOf, NOT_LODGED, refusalOf, type CommandName } from './complaint.lifecycle.js';
import { EVENT_SCHEMAS } from './complaint.schema.js';
import type { Complaint } from './complaint.state.js';
import { conform } from './field.schema.js';

/** A decider as `transact` takes it; undefined stands for a complaint that is not there yet. */
export type ComplaintDecider<Command> = (
  complaint: Complaint | undefined,
  command: Command,
  context: CommandContext,
) => Decision<ComplaintEvent>;

export type DeciderRules<Command> = {
  /** True when the complaint says already what the command would say: then nothing is recorded. */
  readonly repeats?: (complaint: Complaint, command: Command) => boolean;
  /** What is left to judge once the lifecycle allows the command. */
  readonly decide: (
    complaint: Complaint,
    command: Command,
    context: CommandContext,
  ) => Decision<ComplaintEvent>;
};

/**
 * A decider of a complaint that exists. In this order: it must be there; the same thing again
 * yields no event; the lifecycle must allow it; the moment must be possible; the rules of the
 * feature; and what comes out must conform to the event's schema.
 */
export function deciderOf<Command>(
  name: CommandName,
  rules: DeciderRules<Command>,
): ComplaintDecider<Command> {
  return (complaint, command, context) => {
    if (!complaint) return NOT_LODGED;
    if (rules.repeats?.(complaint, command)) return accept();
    return (
      refusalOf(name, complaint) ??
      momentRefusalOf(name, complaint, momentOf(context)) ??
      conforming(rules.decide(complaint, command, context))
    );
  };
}

/** When the command's step happened. */
export function momentOf({ occurredAt, now }: CommandContext): Instant {
  return occurredAt ?? now;
}

/** The decision with plain, declared data in its events; or refused where data does not conform. */
export function conforming(decision: Decision<ComplaintEvent>): Decision<ComplaintEvent> {
  if (decision.kind === 'rejected') return decision;
  const events: ComplaintEvent[] = [];
  for (const { type, data } of decision.events) {
    const conformed = conform(EVENT_SCHEMAS[type].data, data, '');
    if (conformed.kind === 'rejected') return conformed;
    events.push({ type, data: conformed.value } as ComplaintEvent);
  }
  return accept(...events);
}

/** True when all members of `said` are in `known` with the same values, and none of `fields` more. */
export function saysTheSame<Data extends object>(
  known: Data,
  said: Data,
  fields: readonly (keyof Data)[],
): boolean {
  return fields.every((field) => known[field] === said[field]);
}
