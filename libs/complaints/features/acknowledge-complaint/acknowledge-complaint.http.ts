import { InstantField, Sha256Field } from '#http';
import type { Medium } from '../../complaint/complaint.vocabulary.js';
import { LabelField, MediumField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { AcknowledgeComplaint } from './acknowledge-complaint.decide.js';

class AcknowledgeComplaintBody implements AcknowledgeComplaint {
  @MediumField() readonly medium: Medium;
  @Sha256Field(OPTIONAL) readonly contentSha256?: string;
  @LabelField({ ...OPTIONAL, description: 'Id of the person or desk to turn to.' })
  readonly contact?: string;
  @InstantField({ ...OPTIONAL, description: 'By when an answer was promised.' })
  readonly respondBy?: string;
}

export const AcknowledgeComplaintRoute = commandRoute({
  name: 'acknowledge-complaint',
  noun: 'acknowledgement',
  body: AcknowledgeComplaintBody,
  refusals: ['promise.in-the-past'],
});
