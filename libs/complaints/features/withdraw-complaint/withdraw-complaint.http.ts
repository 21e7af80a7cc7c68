import type { Medium } from '../../complaint/complaint.vocabulary.js';
import { MediumField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { WithdrawComplaint } from './withdraw-complaint.decide.js';

class WithdrawComplaintBody implements WithdrawComplaint {
  @MediumField(OPTIONAL) readonly medium?: Medium;
}

export const WithdrawComplaintRoute = commandRoute({
  name: 'withdraw-complaint',
  noun: 'withdrawal',
  body: WithdrawComplaintBody,
});
