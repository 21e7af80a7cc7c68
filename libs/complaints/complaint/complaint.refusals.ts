/**
 * Every refusal of this context, and what it tells the caller. A code is a stored literal of the
 * interface: never changed, never reused. `transact` adds its own: `revision.*`, `idempotency.*`,
 * `moment.in-the-future`.
 */
export const REFUSAL_CODES = {
  'complaint.not-lodged': 'There is no such complaint.',
  'complaint.already-lodged':
    'The complaint, or another one with this reference, is there already.',
  'complaint.still-open': 'No decision was communicated yet.',
  'complaint.already-decided': 'A decision was communicated; this step belongs before it.',
  'complaint.already-accepted': 'The complainant accepted the decision; what remains is closing.',
  'complaint.disputed': 'The complainant disputed the decision; it wants an answer first.',
  'complaint.closed': 'The complaint is closed; reopen it first.',
  'complaint.withdrawn': 'The complainant withdrew the complaint; close it, or reopen it first.',
  'complaint.not-closed': 'Only a closed or withdrawn complaint can be reopened.',
  'complaint.already-acknowledged': 'The complaint was acknowledged; that happens once.',
  'complaint.already-assessed': 'The complaint was assessed; that happens once.',
  'complaint.too-many-events':
    'The complaint has reached its limit of events; only closing and withdrawing are left.',
  'reference.malformed':
    'The reference is not in its written form, or its check character is wrong.',
  'receipt.in-the-future': 'The time of receipt has not come yet.',
  'moment.before-receipt': 'The step happened before the complaint was received.',
  'moment.before-previous-step': 'The step happened before the one that it follows.',
  'allegation.too-many': 'The complaint has reached its limit of allegations.',
  'promise.in-the-past': 'An answer was promised for a time that had passed.',
  'assignment.empty': 'An assignment names an assignee, a team, or both.',
  'decision.remedies-contradict-outcome': 'A decision without relief grants no remedies.',
  'reply.already-given': 'The complainant gave another reply to this decision.',
  'closure.reason-not-allowed': 'A complaint in this status is not closed for this reason.',
  'closure.duplicate-reference-missing': 'A duplicate names the complaint that it repeats.',
  'closure.duplicate-reference-malformed': 'The reference of the repeated complaint is malformed.',
  'closure.duplicate-of-itself': 'A complaint is not a duplicate of itself.',
  'closure.reference-not-wanted': 'Only a duplicate names another complaint.',
  'fact.unknown': 'There is no such fact that could be corrected.',
  'fact.bad-value': 'The fact cannot have this value.',
  'field.missing': 'A field that must be there is not.',
  'field.unknown': 'There is no such field.',
  'field.bad-value': 'The value is not one that the field can have.',
  'field.too-long': 'The text is longer than the field allows.',
  'field.too-many': 'The list is longer than the field allows.',
} as const satisfies { readonly [code: `${string}.${string}`]: string };

export type RefusalCode = keyof typeof REFUSAL_CODES;
