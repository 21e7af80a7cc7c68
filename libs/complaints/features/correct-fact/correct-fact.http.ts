import { TextField, WordField } from '#http';
import { NARRATIVE_LENGTH_MAX } from '../../complaint/complaint.limits.js';
import {
  CORRECTABLE_FACTS,
  CORRECTABLE_PERSONAL_FACTS,
} from '../../complaint/complaint.vocabulary.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { CorrectFact } from './correct-fact.decide.js';

class CorrectFactBody implements CorrectFact {
  @WordField({ words: [...CORRECTABLE_FACTS, ...CORRECTABLE_PERSONAL_FACTS] })
  readonly fact: CorrectFact['fact'];
  @TextField({
    nullable: true,
    lengthMax: NARRATIVE_LENGTH_MAX,
    description: 'What it is; null when it is not known.',
  })
  readonly value: string | null;
}

export const CorrectFactRoute = commandRoute({
  name: 'correct-fact',
  noun: 'corrections',
  body: CorrectFactBody,
  refusals: ['fact.unknown', 'fact.bad-value', 'moment.before-receipt'],
});
