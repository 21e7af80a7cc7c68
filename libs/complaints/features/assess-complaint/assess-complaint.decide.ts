import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintAssessed } from '../../complaint/complaint.events.js';

/** The five criteria are weighed and a priority is set (ISO 10002:2018 7.5). */
export type AssessComplaint = ComplaintAssessed['data'];

export const assessComplaint = deciderOf<AssessComplaint>('assess-complaint', {
  decide: (_complaint, command) => accept({ type: 'ComplaintAssessed', data: command }),
});
