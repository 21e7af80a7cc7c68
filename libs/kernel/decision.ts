/**
 * What a decider answers: events to record, or a refusal that is a value, not an exception.
 * No events means that the thing was done before and nothing need be recorded.
 */
export type Decision<Event> = Accepted<Event> | Rejection;

export type Accepted<Event> = { readonly kind: 'accepted'; readonly events: readonly Event[] };

export type Rejection<Code extends string = string> = {
  readonly kind: 'rejected';
  /** Literal, `<noun>.<reason>`, documented and never changed. */
  readonly code: Code;
  /** For people; names the thing and the values, never personal data. */
  readonly message: string;
};

export function accept<Event>(...events: readonly Event[]): Accepted<Event> {
  return { kind: 'accepted', events };
}

export function reject<Code extends string>(code: Code, message: string): Rejection<Code> {
  return { kind: 'rejected', code, message };
}

/** Says that a switch over a union's tags has missed one; never meant to run. */
export function unhandled(state: unknown, _event: never): never {
  throw new InvariantBroken(`no case for an event in state ${typeof state}`);
}

/** A thing that cannot be has happened; the process must stop rather than go on from it. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly code = 'internal.invariant-broken';
}
