import { LabelField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { AssignComplaint } from './assign-complaint.decide.js';

class AssignComplaintBody implements AssignComplaint {
  @LabelField({ ...OPTIONAL, description: 'Id of a person, never the name.' })
  readonly assignee?: string;
  @LabelField(OPTIONAL) readonly team?: string;
}

export const AssignComplaintRoute = commandRoute({
  name: 'assign-complaint',
  noun: 'assignment',
  body: AssignComplaintBody,
  refusals: ['assignment.empty'],
});
