import { LabelField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { ClassifyComplaint } from './classify-complaint.decide.js';

class ClassifyComplaintBody implements ClassifyComplaint {
  @LabelField() readonly product: string;
  @LabelField(OPTIONAL) readonly subProduct?: string;
  @LabelField() readonly issue: string;
  @LabelField(OPTIONAL) readonly subIssue?: string;
}

export const ClassifyComplaintRoute = commandRoute({
  name: 'classify-complaint',
  noun: 'classification',
  body: ClassifyComplaintBody,
});
