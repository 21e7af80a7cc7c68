import { WordField } from '#http';
import { REOPENING_GROUNDS, type ReopeningGround } from '../../complaint/complaint.vocabulary.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { ReopenComplaint } from './reopen-complaint.decide.js';

class ReopenComplaintBody implements ReopenComplaint {
  @WordField({ words: REOPENING_GROUNDS }) readonly ground: ReopeningGround;
}

export const ReopenComplaintRoute = commandRoute({
  name: 'reopen-complaint',
  noun: 'reopening',
  body: ReopenComplaintBody,
});
