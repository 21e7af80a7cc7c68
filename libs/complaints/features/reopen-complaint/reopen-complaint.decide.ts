import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintReopened } from '../../complaint/complaint.events.js';

/** A closed or withdrawn complaint is taken up again (ISO 10002:2018 7.9). */
export type ReopenComplaint = ComplaintReopened['data'];

export const reopenComplaint = deciderOf<ReopenComplaint>('reopen-complaint', {
  decide: (_complaint, command) => accept({ type: 'ComplaintReopened', data: command }),
});
