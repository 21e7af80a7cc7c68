import { accept, reject, type Decision, type Instant, type Rejection } from '#kernel';
import { deciderOf } from '../../complaint/complaint.decider.js';
import type { ComplaintEvent } from '../../complaint/complaint.events.js';
import { factSchema } from '../../complaint/complaint.schema.js';
import { factOf, type Complaint } from '../../complaint/complaint.state.js';
import {
  CORRECTABLE_FACTS,
  CORRECTABLE_PERSONAL_FACTS,
  type CorrectableFact,
  type CorrectablePersonalFact,
} from '../../complaint/complaint.vocabulary.js';
import { conform } from '../../complaint/field.schema.js';

/**
 * A fact was recorded wrongly (ISO 10002:2018 7.2). The wrong value stays in its own event; null
 * says that the fact is not known.
 */
export type CorrectFact = {
  readonly fact: CorrectableFact | CorrectablePersonalFact;
  readonly value: string | null;
};

export const correctFact = deciderOf<CorrectFact>('correct-fact', {
  repeats: (complaint, { fact, value }) => isFact(fact) && factOf(complaint, fact) === value,
  decide: (complaint, command, { now }) => {
    const { fact } = command;
    if (!isFact(fact)) return reject('fact.unknown', 'there is no such fact to correct');
    const refusal =
      refuseValue(command) ??
      (fact === 'receivedAt' ? refuseReceipt(complaint, command, now) : null);
    return refusal ?? correction(command);
  },
});

function correction({ fact, value }: CorrectFact): Decision<ComplaintEvent> {
  return isPersonal(fact)
    ? accept({ type: 'FactCorrected', data: { fact, personalValue: value } })
    : accept({ type: 'FactCorrected', data: { fact, value } });
}

function isFact(fact: string): fact is CorrectFact['fact'] {
  return isPersonal(fact) || CORRECTABLE_FACTS.some((known) => known === fact);
}

function isPersonal(fact: string): fact is CorrectablePersonalFact {
  return CORRECTABLE_PERSONAL_FACTS.some((known) => known === fact);
}

/** The value must be one that the fact could have been lodged with. */
function refuseValue({ fact, value }: CorrectFact): Rejection | null {
  const schema = factSchema(fact);
  const known = value === null ? schema?.optional : schema && conform(schema, value, fact).kind;
  if (known === true || known === 'conforms') return null;
  return reject('fact.bad-value', `${fact} cannot have this value`);
}

/** A complaint is not received in the future, nor after steps that were taken on it. */
function refuseReceipt(
  complaint: Complaint,
  { value }: CorrectFact,
  now: Instant,
): Rejection | null {
  const receivedAt = value ?? '';
  if (receivedAt > now) {
    return reject('fact.bad-value', `receivedAt ${receivedAt} has not come yet`);
  }
  const { firstStepAt } = complaint;
  if (firstStepAt === undefined || firstStepAt >= receivedAt) return null;
  return reject(
    'moment.before-receipt',
    `a step was taken at ${firstStepAt}, before ${receivedAt}`,
  );
}
