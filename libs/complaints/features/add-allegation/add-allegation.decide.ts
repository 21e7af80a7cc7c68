import { accept, reject } from '#kernel';
import { deciderOf, saysTheSame } from '../../complaint/complaint.decider.js';
import type { Allegation } from '../../complaint/complaint.events.js';
import { ALLEGATIONS_MAX } from '../../complaint/complaint.limits.js';

/** The complainant complains of one thing more (ISO 10002:2018 7.2). */
export type AddAllegation = Omit<Allegation, 'number'>;

const SAID = ['issue', 'subIssue', 'description', 'occurredOn', 'recurrent'] as const;

export const addAllegation = deciderOf<AddAllegation>('add-allegation', {
  repeats: ({ allegations }, command) =>
    allegations.some((known) => saysTheSame<AddAllegation>(known, command, SAID)),
  decide: ({ allegations, reference }, command) => {
    const number = allegations.length + 1;
    if (number > ALLEGATIONS_MAX) {
      return reject('allegation.too-many', `${reference} has ${ALLEGATIONS_MAX} allegations`);
    }
    return accept({ type: 'AllegationAdded', data: { allegation: { ...command, number } } });
  },
});
