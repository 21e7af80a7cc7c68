import { ObjectField, WordField } from '#http';
import {
  LEVELS,
  PRIORITIES,
  type Level,
  type Priority,
} from '../../complaint/complaint.vocabulary.js';
import { NoteField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { AssessComplaint } from './assess-complaint.decide.js';

class CriterionBody {
  @WordField({ words: LEVELS }) readonly level: Level;
  @NoteField(OPTIONAL) readonly reason?: string;
}

class CriteriaBody {
  @ObjectField(() => CriterionBody) readonly severity: CriterionBody;
  @ObjectField(() => CriterionBody) readonly safety: CriterionBody;
  @ObjectField(() => CriterionBody) readonly complexity: CriterionBody;
  @ObjectField(() => CriterionBody) readonly impact: CriterionBody;
  @ObjectField(() => CriterionBody) readonly immediateAction: CriterionBody;
}

class AssessComplaintBody implements AssessComplaint {
  @ObjectField(() => CriteriaBody) readonly criteria: CriteriaBody;
  @WordField({ words: PRIORITIES }) readonly priority: Priority;
}

export const AssessComplaintRoute = commandRoute({
  name: 'assess-complaint',
  noun: 'assessment',
  body: AssessComplaintBody,
});
