import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintWithdrawn } from '../../complaint/complaint.events.js';

/** The complainant takes the complaint back (ISO 10002:2018 7.9). */
export type WithdrawComplaint = ComplaintWithdrawn['data'];

export const withdrawComplaint = deciderOf<WithdrawComplaint>('withdraw-complaint', {
  repeats: ({ status }) => status === 'withdrawn',
  decide: (_complaint, command) => accept({ type: 'ComplaintWithdrawn', data: command }),
});
