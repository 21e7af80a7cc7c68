import { decodeComplaintEvent, type ComplaintEvent } from '#complaints/contract';
import { defineProjection } from '#read-models/port';
import type { ProjectionSource } from '#read-models/projector';
import { projections } from '../../apps/contexts/contract.js';

/** How many events were folded into a document, and the last one's revision. */
export type Applications = { readonly applied: number; readonly lastRevision: number };

/**
 * Counts what it is given and looks at nothing else: an event that was applied twice, or not at all,
 * makes it differ from the log for ever.
 */
export const applications = defineProjection<ComplaintEvent, Applications>({
  name: 'fault-applications',
  version: 1,
  streamKind: 'complaint',
  fields: {
    applied: { kind: 'integer', description: 'Events folded in.', sort: true, group: true },
    lastRevision: { kind: 'integer', description: 'Revision of the last one.' },
  },
  evolve: (document, event) => ({
    applied: (document?.applied ?? 0) + 1,
    lastRevision: event.revision,
  }),
});

/** What the product projects, and the count of applications. */
export const countedProjections: readonly ProjectionSource[] = [
  ...projections,
  { projection: applications, decode: decodeComplaintEvent },
];
