import { accept, reject } from '#kernel';
import { deciderOf, saysTheSame } from '../../complaint/complaint.decider.js';
import type { ComplaintAssigned } from '../../complaint/complaint.events.js';

/** Somebody, or a team, becomes responsible (ISO 10002:2018 7.5). */
export type AssignComplaint = ComplaintAssigned['data'];

const SAID = ['assignee', 'team'] as const;

export const assignComplaint = deciderOf<AssignComplaint>('assign-complaint', {
  repeats: ({ assignment }, command) =>
    assignment !== undefined && saysTheSame<AssignComplaint>(assignment, command, SAID),
  decide: ({ reference }, command) => {
    if (command.assignee === undefined && command.team === undefined) {
      return reject('assignment.empty', `${reference}: neither an assignee nor a team is given`);
    }
    return accept({ type: 'ComplaintAssigned', data: command });
  },
});
