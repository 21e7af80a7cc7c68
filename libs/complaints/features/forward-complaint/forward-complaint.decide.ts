import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintForwarded } from '../../complaint/complaint.events.js';

/** The complaint goes to the firm or unit that must answer (ISO 10002:2018 7.3). */
export type ForwardComplaint = ComplaintForwarded['data'];

export const forwardComplaint = deciderOf<ForwardComplaint>('forward-complaint', {
  repeats: ({ forwardings }, { respondent }) => forwardings.at(-1)?.respondent === respondent,
  decide: (_complaint, command) => accept({ type: 'ComplaintForwarded', data: command }),
});
