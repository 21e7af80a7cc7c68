import { InstantField, TextField, type BodyClass } from '#http';
import type { Instant } from '#kernel';
import { TEXT_LENGTH_MAX } from '../complaint/complaint.limits.js';

/** What every step may say beside its own data. */
export type StepMoment = {
  readonly occurredAt?: Instant;
  readonly reason?: string;
};

/**
 * A step's body with when it happened and why. Decorates a class of its own, so that the feature's
 * stays what the feature says it is; `name` is the schema's in the OpenAPI document.
 */
export function withMoment<Body extends object>(
  body: BodyClass<Body>,
  name: string,
): BodyClass<Body & StepMoment> {
  const named = { [name]: class extends (body as BodyClass) {} }[name] as BodyClass<
    Body & StepMoment
  >;
  const prototype = named.prototype as object;
  InstantField({
    optional: true,
    description: 'When it happened, where that differs from now.',
  })(prototype, 'occurredAt');
  TextField({
    optional: true,
    lengthMax: TEXT_LENGTH_MAX,
    description: 'Why it was done. Kept with the event; no personal data.',
  })(prototype, 'reason');
  return named;
}

/**
 * What a body says beside the moment. Copied member by member: what rest properties leave is kept
 * as a dictionary, and it and each of its copies took ten times as long.
 */
export function commandOf<Body extends StepMoment>(body: Body): Omit<Body, keyof StepMoment> {
  const command: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(body)) {
    if (name !== 'occurredAt' && name !== 'reason') command[name] = value;
  }
  return command as Omit<Body, keyof StepMoment>;
}
