import { accept } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ContactRecorded } from '../../complaint/complaint.events.js';

/** One side reached the other (ISO 10002:2018 7.3). */
export type RecordContact = ContactRecorded['data'];

/** Two contacts may well say the same: only the command id tells a repetition. */
export const recordContact = deciderOf<RecordContact>('record-contact', {
  decide: (_complaint, command) => accept({ type: 'ContactRecorded', data: command }),
});
