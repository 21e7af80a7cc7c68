import { accept, reject } from '#kernel';
import { deciderOf, momentOf } from '../../complaint/complaint.decider.js';
import type { ComplaintAcknowledged } from '../../complaint/complaint.events.js';

/** The complainant is told that the complaint arrived (ISO 10002:2018 7.4). */
export type AcknowledgeComplaint = ComplaintAcknowledged['data'];

export const acknowledgeComplaint = deciderOf<AcknowledgeComplaint>('acknowledge-complaint', {
  decide: (_complaint, command, context) => {
    const { respondBy } = command;
    if (respondBy !== undefined && respondBy <= momentOf(context)) {
      return reject('promise.in-the-past', 'respondBy lies before the acknowledgement');
    }
    return accept({ type: 'ComplaintAcknowledged', data: command });
  },
});
