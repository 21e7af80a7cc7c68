import type { ProblemCatalogue } from '#http';
import { REFUSAL_CODES, type RefusalCode } from '../complaint/complaint.refusals.js';

/**
 * What each refusal is over HTTP: 404 where there is nothing, 409 where the state of the complaint
 * stands against it, 422 where what was said does.
 */
const REFUSAL_STATUS: { readonly [Code in RefusalCode]: 404 | 409 | 422 } = {
  'complaint.not-lodged': 404,
  'complaint.already-lodged': 409,
  'complaint.still-open': 409,
  'complaint.already-decided': 409,
  'complaint.already-accepted': 409,
  'complaint.disputed': 409,
  'complaint.closed': 409,
  'complaint.withdrawn': 409,
  'complaint.not-closed': 409,
  'complaint.already-acknowledged': 409,
  'complaint.already-assessed': 409,
  'complaint.too-many-events': 409,
  'reference.malformed': 422,
  'receipt.in-the-future': 422,
  'moment.before-receipt': 422,
  'moment.before-previous-step': 422,
  'allegation.too-many': 409,
  'promise.in-the-past': 422,
  'assignment.empty': 422,
  'decision.remedies-contradict-outcome': 422,
  'reply.already-given': 409,
  'closure.reason-not-allowed': 409,
  'closure.duplicate-reference-missing': 422,
  'closure.duplicate-reference-malformed': 422,
  'closure.duplicate-of-itself': 422,
  'closure.reference-not-wanted': 422,
  'fact.unknown': 422,
  'fact.bad-value': 422,
  'field.missing': 422,
  'field.unknown': 422,
  'field.bad-value': 422,
  'field.too-long': 422,
  'field.too-many': 422,
};

/** The refusals of this context as problems, for the door's catalogue. */
export const COMPLAINT_PROBLEMS: ProblemCatalogue = Object.fromEntries(
  Object.entries(REFUSAL_STATUS).map(([code, status]) => [
    code,
    { status, title: REFUSAL_CODES[code as RefusalCode] },
  ]),
);
