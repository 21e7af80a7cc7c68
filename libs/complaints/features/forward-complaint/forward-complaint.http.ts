import type { Medium } from '../../complaint/complaint.vocabulary.js';
import { LabelField, MediumField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { ForwardComplaint } from './forward-complaint.decide.js';

class ForwardComplaintBody implements ForwardComplaint {
  @LabelField({ description: 'The firm or unit that must answer.' }) readonly respondent: string;
  @MediumField(OPTIONAL) readonly medium?: Medium;
}

export const ForwardComplaintRoute = commandRoute({
  name: 'forward-complaint',
  noun: 'forwarding',
  body: ForwardComplaintBody,
});
