import {
  BooleanField,
  ObjectField,
  ObjectsField,
  PatternField,
  Sha256Field,
  WordField,
} from '#http';
import { REMEDIES_MAX } from '../../complaint/complaint.limits.js';
import {
  FINDINGS,
  OUTCOMES,
  REMEDY_KINDS,
  type Finding,
  type Medium,
  type Outcome,
  type RemedyKind,
} from '../../complaint/complaint.vocabulary.js';
import {
  LabelField,
  LanguageField,
  MediumField,
  NoteField,
  OPTIONAL,
} from '../../door/body-parts.http.js';
import { commandRoute } from '../../door/command-route.http.js';
import type { CommunicateDecision } from './communicate-decision.decide.js';

class MoneyBody {
  @PatternField({ pattern: /^(0|[1-9]\d{0,14})(\.\d{1,4})?$/, example: '12.50' })
  readonly amount: string;
  @PatternField({ pattern: /^[A-Z]{3}$/, description: 'ISO 4217.', example: 'EUR' })
  readonly currency: string;
}

class RemedyBody {
  @WordField({ words: REMEDY_KINDS }) readonly kind: RemedyKind;
  @ObjectField(() => MoneyBody, OPTIONAL) readonly money?: MoneyBody;
  @NoteField(OPTIONAL) readonly note?: string;
}

class CommunicateDecisionBody implements CommunicateDecision {
  @WordField({ words: OUTCOMES }) readonly outcome: Outcome;
  @WordField({ ...OPTIONAL, words: FINDINGS }) readonly finding?: Finding;
  @ObjectsField(() => RemedyBody, { ...OPTIONAL, countMax: REMEDIES_MAX })
  readonly remedies?: readonly RemedyBody[];
  @MediumField(OPTIONAL) readonly medium?: Medium;
  @LabelField(OPTIONAL) readonly letterKind?: string;
  @LanguageField(OPTIONAL) readonly language?: string;
  @Sha256Field(OPTIONAL) readonly contentSha256?: string;
  @LabelField({ ...OPTIONAL, description: 'Body to which the complainant may turn next.' })
  readonly externalRecourse?: string;
  @NoteField(OPTIONAL) readonly explanation?: string;
  @BooleanField({ ...OPTIONAL, description: 'The verdict of a source that keeps its own clock.' })
  readonly timely?: boolean;
}

export const CommunicateDecisionRoute = commandRoute({
  name: 'communicate-decision',
  noun: 'decision',
  body: CommunicateDecisionBody,
  refusals: ['decision.remedies-contradict-outcome'],
});
