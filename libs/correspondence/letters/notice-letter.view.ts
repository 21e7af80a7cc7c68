import { dayOf, type Instant } from '#kernel';

/** What a letter is written from: the complaint as it is now, and the step it tells of. */
export type LetterFacts = {
  readonly reference: string;
  readonly receivedAt: Instant;
  readonly name?: string | undefined;
  readonly step: Acknowledged | Decided;
};

export type Acknowledged = {
  readonly kind: 'acknowledgement';
  readonly respondBy?: Instant | undefined;
  readonly contact?: string | undefined;
  /** Absolute address of the proof that the acknowledgement was recorded. */
  readonly receipt?: string | undefined;
};

export type Decided = {
  readonly kind: 'decision';
  readonly outcome: string;
  readonly finding?: string | undefined;
  readonly remedies: readonly {
    readonly kind: string;
    readonly money?: { readonly amount: string; readonly currency: string } | undefined;
    readonly note?: string | undefined;
  }[];
  readonly explanation?: string | undefined;
  readonly externalRecourse?: string | undefined;
  readonly contact?: string | undefined;
};

export type Letter = { readonly subject: string; readonly text: string };

/** The letter of a notice: plain English, the same for the same facts. */
export function letterOf(facts: LetterFacts): Letter {
  const { reference, step } = facts;
  const [what, body] =
    step.kind === 'acknowledgement'
      ? (['we received it', acknowledgement(facts, step)] as const)
      : (['our decision', decision(facts, step)] as const);
  const greeting = facts.name === undefined ? 'Good day,' : `Dear ${oneLine(facts.name)},`;
  const text = [greeting, ...body, turnTo(reference, step.contact)].join('\n\n');
  return { subject: `Your complaint ${reference}: ${what}`, text: `${text}\n` };
}

function acknowledgement(
  { reference, receivedAt }: LetterFacts,
  { respondBy, receipt }: Acknowledged,
): readonly string[] {
  return [
    `Your complaint of ${dayOf(receivedAt)} has reached us. Its reference is ${reference}.`,
    respondBy === undefined
      ? 'We are looking into it and will write to you as soon as there is an answer.'
      : `We are looking into it and will answer you by ${dayOf(respondBy)}.`,
    ...(receipt === undefined ? [] : [`${RECEIPT_IS_FOR}\n${receipt}`]),
  ];
}

/** The address stands on a line of its own, so that no full stop or line break becomes part of it. */
const RECEIPT_IS_FOR =
  'Save the file at this address: with it anybody can check, without us, whether what we recorded ' +
  'was changed or removed later:';

const OUTCOMES: Readonly<Record<string, string>> = {
  'monetary-relief': 'We grant you a payment.',
  'non-monetary-relief': 'We put it right in another way than by a payment.',
  explanation: 'We explain what happened.',
  'no-relief': 'We cannot grant what you ask for.',
};

const FINDINGS: Readonly<Record<string, string>> = {
  upheld: 'We find your complaint justified.',
  'partly-upheld': 'We find your complaint justified in part.',
  'not-upheld': 'We find your complaint not justified.',
  'not-proven': 'We could not find out whether your complaint is justified.',
};

function decision(
  { reference, receivedAt }: LetterFacts,
  { outcome, finding, remedies, explanation, externalRecourse }: Decided,
): readonly string[] {
  const verdict = [FINDINGS[finding ?? ''], OUTCOMES[outcome]].filter((line) => line !== undefined);
  return [
    `We have decided on your complaint of ${dayOf(receivedAt)}, reference ${reference}.`,
    ...(verdict.length === 0 ? [] : [verdict.join(' ')]),
    ...(remedies.length === 0 ? [] : [['What we do:', ...remedies.map(remedyLine)].join('\n')]),
    ...(explanation === undefined ? [] : [explanation.trim()]),
    externalRecourse === undefined
      ? 'If you do not agree, tell us, and we look at it again.'
      : `If you do not agree, tell us; or turn to ${oneLine(externalRecourse)}.`,
  ];
}

function remedyLine({ kind, money, note }: Decided['remedies'][number]): string {
  const amount = money === undefined ? '' : `: ${money.amount} ${money.currency}`;
  const remark = note === undefined ? '' : ` (${oneLine(note)})`;
  return `- ${kind.replaceAll('-', ' ')}${amount}${remark}`;
}

function turnTo(reference: string, contact: string | undefined): string {
  const desk = contact === undefined ? 'answer this message' : `turn to ${oneLine(contact)}`;
  return `With any question, ${desk} and name the reference ${reference}.`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
