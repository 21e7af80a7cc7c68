import type { Recorded } from '#kernel';
import { defineProjection, type Projection } from '#read-models/port';
import { COMPLAINT_STREAM_KIND, type ComplaintEvent } from '../complaint/complaint.events.js';
import { evolve, type Complaint } from '../complaint/complaint.state.js';

/**
 * A complaint in full, as `show` gives it but for `nextStep` and `allowed`, which follow from it:
 * `viewOf` adds them. Holds personal data.
 */
export type ComplaintDetails = {
  readonly reference: string;
  readonly complaint: Complaint;
};

/** Every complaint in full; the same fold as the deciders use, kept. */
export const complaintDetails: Projection<ComplaintEvent, ComplaintDetails> = defineProjection({
  name: 'complaint-details',
  version: 1,
  streamKind: COMPLAINT_STREAM_KIND,
  fields: {
    reference: { kind: 'string', description: 'What people call the complaint.' },
    complaint: { kind: 'json', description: 'The complaint as its events tell it.' },
  },
  evolve(details: ComplaintDetails | undefined, event: Recorded<ComplaintEvent>) {
    const complaint = evolve(details?.complaint, event);
    return complaint && { reference: complaint.reference, complaint };
  },
});
