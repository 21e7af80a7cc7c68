import { BooleanField, DayField } from '#http';
import { LabelField, NoteField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { AddAllegation } from './add-allegation.decide.js';

class AddAllegationBody implements AddAllegation {
  @LabelField() readonly issue: string;
  @LabelField(OPTIONAL) readonly subIssue?: string;
  @NoteField(OPTIONAL) readonly description?: string;
  @DayField(OPTIONAL) readonly occurredOn?: string;
  @BooleanField(OPTIONAL) readonly recurrent?: boolean;
}

export const AddAllegationRoute = commandRoute({
  name: 'add-allegation',
  noun: 'allegations',
  body: AddAllegationBody,
  refusals: ['allegation.too-many'],
});
