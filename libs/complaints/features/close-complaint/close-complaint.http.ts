import { WordField } from '#http';
import { CLOSURE_REASONS, type ClosureReason } from '../../complaint/complaint.vocabulary.js';
import { LabelField, OPTIONAL } from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { CloseComplaint } from './close-complaint.decide.js';

class CloseComplaintBody implements CloseComplaint {
  @WordField({ words: CLOSURE_REASONS }) readonly closureReason: ClosureReason;
  @LabelField({ ...OPTIONAL, description: 'Reference of the complaint that this one repeats.' })
  readonly duplicateOf?: string;
}

export const CloseComplaintRoute = commandRoute({
  name: 'close-complaint',
  noun: 'closure',
  body: CloseComplaintBody,
  refusals: [
    'closure.reason-not-allowed',
    'closure.duplicate-reference-missing',
    'closure.duplicate-reference-malformed',
    'closure.duplicate-of-itself',
    'closure.reference-not-wanted',
  ],
});
