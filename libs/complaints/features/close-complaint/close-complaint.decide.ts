import { accept, reject, type Decision } from '#kernel';
import { deciderOf, saysTheSame } from '../../complaint/complaint.decider.js';
import type { ComplaintClosed, ComplaintEvent } from '../../complaint/complaint.events.js';
import { CLOSURE_REASONS_FROM } from '../../complaint/complaint.lifecycle.js';
import type { Complaint } from '../../complaint/complaint.state.js';
import { parseReference } from '../../complaint/reference.js';

/** The complaint is closed, for a reason that fits its status (ISO 10002:2018 7.9). */
export type CloseComplaint = ComplaintClosed['data'];

const SAID = ['closureReason', 'duplicateOf'] as const;

export const closeComplaint = deciderOf<CloseComplaint>('close-complaint', {
  repeats: ({ closure }, command) =>
    closure !== undefined && saysTheSame<CloseComplaint>(closure, command, SAID),
  decide: (complaint, command) => {
    const { status, reference } = complaint;
    const { closureReason } = command;
    if (!CLOSURE_REASONS_FROM[status].includes(closureReason)) {
      const wanted = CLOSURE_REASONS_FROM[status].join(' or ');
      return reject('closure.reason-not-allowed', `${reference} is ${status}: close as ${wanted}`);
    }
    return closureReason === 'duplicate' ? duplicate(complaint, command) : plain(command);
  },
});

function plain(command: CloseComplaint): Decision<ComplaintEvent> {
  if (command.duplicateOf !== undefined) {
    return reject('closure.reference-not-wanted', `${command.closureReason} names no complaint`);
  }
  return accept({ type: 'ComplaintClosed', data: command });
}

function duplicate(
  { reference }: Complaint,
  { closureReason, duplicateOf }: CloseComplaint,
): Decision<ComplaintEvent> {
  if (duplicateOf === undefined) {
    return reject('closure.duplicate-reference-missing', `${reference}: a duplicate of which?`);
  }
  const original = parseReference(duplicateOf);
  if (original === undefined) {
    return reject(
      'closure.duplicate-reference-malformed',
      `${reference}: duplicateOf is malformed`,
    );
  }
  if (original === reference) {
    return reject('closure.duplicate-of-itself', `${reference} repeats another complaint`);
  }
  return accept({ type: 'ComplaintClosed', data: { closureReason, duplicateOf: original } });
}
