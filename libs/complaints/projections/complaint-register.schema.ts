import type { Instant } from '#kernel';
import type { NextStep } from '../complaint/complaint.lifecycle.js';
import type { Status } from '../complaint/complaint.state.js';
import type {
  ClosureReason,
  Finding,
  Outcome,
  Priority,
} from '../complaint/complaint.vocabulary.js';
import type { Timeliness } from '../complaint/timeliness.policy.js';

export const REPLIES = ['accepted', 'disputed'] as const;
export const POSTAL_CODE_DEFECTS = ['blank', 'short', 'masked'] as const;

/** One row of the queue. No personal data, so that a list may be shown and taken away. */
export type RegisteredComplaint = {
  readonly reference: string;
  readonly status: Status;
  readonly nextStep: NextStep;
  readonly product: string;
  readonly subProduct: string | null;
  readonly issue: string;
  readonly subIssue: string | null;
  readonly channel: string;
  readonly unit: string | null;
  readonly respondent: string | null;
  readonly assignee: string | null;
  readonly team: string | null;
  readonly priority: Priority | null;
  readonly receivedAt: Instant;
  readonly receivedDay: string;
  readonly respondBy: Instant | null;
  readonly acknowledged: boolean;
  readonly acknowledgedAt: Instant | null;
  readonly forwardedAt: Instant | null;
  readonly decidedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly lastEventAt: Instant;
  readonly closureReason: ClosureReason | null;
  readonly outcome: Outcome | null;
  readonly finding: Finding | null;
  readonly timely: Timeliness | null;
  readonly reply: (typeof REPLIES)[number] | null;
  readonly region: string | null;
  readonly country: string | null;
  readonly postalCodeDefect: (typeof POSTAL_CODE_DEFECTS)[number] | null;
  readonly sourceSystem: string | null;
  readonly sourceId: string | null;
  readonly reopenedCount: number;
  readonly allegationCount: number;
  readonly receivedToForwardedDays: number | null;
  readonly receivedToDecidedDays: number | null;
};
