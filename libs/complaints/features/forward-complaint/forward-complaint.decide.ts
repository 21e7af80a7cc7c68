import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintForwarded } from '../../complaint/complaint.events.js';

/** The complaint goes to the firm or unit that must answer (ISO 10002:2018 7.3). */
export type ForwardComplaint = ComplaintForwarded['data'];

export const forwardComplaint = deciderOf<ForwardComplaint>('forward-complaint', {
  // Sent to the same firm again after a dispute or a reopening, it is another sending.
  repeats: ({ forwardings, statusSince }, { respondent }) => {
    const last = forwardings.at(-1);
    return last?.respondent === respondent && last.at >= statusSince;
  },
  decide: (_complaint, command) => accept({ type: 'ComplaintForwarded', data: command }),
});
