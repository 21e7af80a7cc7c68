import fc from 'fast-check';
import {
  CHANNELS,
  CLOSURE_REASONS,
  COMMAND_NAMES,
  COMMANDS,
  CORRECTABLE_FACTS,
  CORRECTABLE_PERSONAL_FACTS,
  DIRECTIONS,
  evolve,
  FINDINGS,
  LEVELS,
  MEDIA,
  OUTCOMES,
  PRIORITIES,
  REMEDY_KINDS,
  REOPENING_GROUNDS,
  SOURCE_DEFECTS,
  type CommandName,
  type Commands,
  type Complaint,
  type ComplaintEvent,
} from '#complaints/contract';
import { eventIdOf, instantFromMillis, millisOf, type Recorded } from '#kernel';
import {
  COMMAND_ID,
  contextAt,
  OTHER_REFERENCE,
  RECEIVED_AT,
  recorded,
  REFERENCE,
} from './examples.js';

/** In every personal field of a generated command, so that a test can look for leaks. */
export const PERSONAL_MARK = 'PERSONAL';

const label = fc.constantFrom('Mortgage', 'Credit card', 'Late fee', 'Größe', '手数料', 'b-7');
const personal = fc.constantFrom('a', 'ß', '名').map((text) => `${PERSONAL_MARK} ${text}`);
const sha256 = fc.constantFrom('ab'.repeat(32), '01'.repeat(32));
const medium = fc.constantFrom(...MEDIA);
const day = fc.constantFrom('2026-02-28', '2024-02-29');
const language = fc.constantFrom('en', 'de-AT');

const allegation = fc.record(
  {
    issue: label,
    subIssue: label,
    description: personal,
    occurredOn: day,
    recurrent: fc.boolean(),
  },
  { requiredKeys: ['issue'] },
);

const complainant = fc.record(
  {
    name: personal,
    organisation: personal,
    email: personal,
    phone: personal,
    preferredMedium: medium,
    address: personal,
    postalCode: personal,
    needs: fc.array(personal, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const enclosure = fc.record({
  name: personal,
  mediaType: fc.constant('application/pdf'),
  sizeBytes: fc.nat(10_000),
  sha256,
});

const source = fc.record(
  {
    system: fc.constant('cfpb'),
    id: fc.constantFrom('1291006', '7523056'),
    rowSha256: sha256,
    defects: fc.subarray([...SOURCE_DEFECTS]),
    timely: fc.boolean(),
    labels: fc.record({ Tags: personal }),
  },
  { requiredKeys: ['system', 'id', 'rowSha256', 'defects'] },
);

const criterion = fc.record(
  { level: fc.constantFrom(...LEVELS), reason: personal },
  { requiredKeys: ['level'] },
);

const remedy = fc.record(
  {
    kind: fc.constantFrom(...REMEDY_KINDS),
    money: fc.record({ amount: fc.constantFrom('0', '12.50'), currency: fc.constant('EUR') }),
    note: personal,
  },
  { requiredKeys: ['kind'] },
);

const FACT_VALUES: { readonly [fact: string]: readonly (string | null)[] } = {
  receivedAt: [RECEIVED_AT, '2026-02-27T23:59:59.999Z', '2026-03-02T15:00:00.000Z'],
  channel: CHANNELS,
  language: ['en', 'fr', null],
  product: ['Mortgage', 'Student loan'],
  country: ['US', 'IE', null],
  remedySought: [...REMEDY_KINDS, null],
};

const correction = fc
  .constantFrom(...CORRECTABLE_FACTS, ...CORRECTABLE_PERSONAL_FACTS)
  .chain((fact) => {
    const personals = [`${PERSONAL_MARK} corrected`, null];
    const others = FACT_VALUES[fact] ?? ['North', null];
    const isPersonal = CORRECTABLE_PERSONAL_FACTS.some((known) => known === fact);
    return fc.record({
      fact: fc.constant(fact),
      value: fc.constantFrom(...(isPersonal ? personals : others)),
    });
  });

/** Commands whose data conforms; whether they are allowed is up to the complaint. */
export const COMMAND_ARBITRARIES: {
  readonly [Name in CommandName]: fc.Arbitrary<Commands[Name]>;
} = {
  'lodge-complaint': fc.record(
    {
      reference: fc.constant(REFERENCE),
      channel: fc.constantFrom(...CHANNELS),
      receivedAt: fc.constant(RECEIVED_AT),
      receivedZone: fc.constantFrom('UTC', 'Europe/Dublin'),
      receivedBy: fc.constant('handler-7'),
      language,
      complainant,
      country: fc.constantFrom('US', 'IE'),
      region: fc.constantFrom('TX', 'MA'),
      product: label,
      subProduct: label,
      unit: label,
      narrative: personal,
      allegations: fc.array(allegation, { minLength: 1, maxLength: 3 }),
      remedySought: fc.constantFrom(...REMEDY_KINDS),
      enclosures: fc.array(enclosure, { maxLength: 2 }),
      source,
    },
    { requiredKeys: ['reference', 'channel', 'receivedAt', 'product', 'allegations'] },
  ),
  'add-allegation': allegation,
  'forward-complaint': fc.record({ respondent: label, medium }, { requiredKeys: ['respondent'] }),
  'acknowledge-complaint': fc.record(
    {
      medium,
      contentSha256: sha256,
      contact: fc.constant('desk-3'),
      respondBy: fc.constantFrom('2026-03-09T00:00:00.000Z', '2026-05-01T00:00:00.000Z'),
    },
    { requiredKeys: ['medium'] },
  ),
  'assess-complaint': fc.record({
    criteria: fc.record({
      severity: criterion,
      safety: criterion,
      complexity: criterion,
      impact: criterion,
      immediateAction: criterion,
    }),
    priority: fc.constantFrom(...PRIORITIES),
  }),
  'classify-complaint': fc.record(
    { product: label, subProduct: label, issue: label, subIssue: label },
    { requiredKeys: ['product', 'issue'] },
  ),
  'assign-complaint': fc.record(
    { assignee: fc.constantFrom('handler-7', 'handler-8'), team: label },
    { requiredKeys: [] },
  ),
  'record-contact': fc.record(
    { direction: fc.constantFrom(...DIRECTIONS), medium, summary: personal, contentSha256: sha256 },
    { requiredKeys: ['direction', 'medium'] },
  ),
  'communicate-decision': fc.record(
    {
      outcome: fc.constantFrom(...OUTCOMES),
      finding: fc.constantFrom(...FINDINGS),
      remedies: fc.array(remedy, { maxLength: 2 }),
      medium,
      letterKind: fc.constant('final-response'),
      language,
      contentSha256: sha256,
      externalRecourse: fc.constant('ombudsman'),
      explanation: personal,
      timely: fc.boolean(),
    },
    { requiredKeys: ['outcome'] },
  ),
  'record-reply': fc.oneof(
    fc.record({ reply: fc.constant('accepted' as const), medium }, { requiredKeys: ['reply'] }),
    fc.record(
      { reply: fc.constant('disputed' as const), medium, grounds: personal },
      { requiredKeys: ['reply'] },
    ),
  ),
  'close-complaint': fc.record(
    {
      closureReason: fc.constantFrom(...CLOSURE_REASONS),
      duplicateOf: fc.constantFrom(OTHER_REFERENCE, REFERENCE, 'C-26-none'),
    },
    { requiredKeys: ['closureReason'] },
  ),
  'reopen-complaint': fc.record({ ground: fc.constantFrom(...REOPENING_GROUNDS) }),
  'withdraw-complaint': fc.record({ medium }, { requiredKeys: [] }),
  'correct-fact': correction,
};

/** A command on its way: what, how long after the one before, and how long ago it happened. */
export type Attempt = {
  [Name in CommandName]: {
    readonly name: Name;
    readonly command: Commands[Name];
    readonly laterMinutes: number;
    readonly agoMinutes: number;
  };
}[CommandName];

const ATTEMPTS_MAX = 24;

export const anyAttempt: fc.Arbitrary<Attempt> = fc.constantFrom(...COMMAND_NAMES).chain(
  (name) =>
    fc.record({
      name: fc.constant(name),
      command: COMMAND_ARBITRARIES[name] as fc.Arbitrary<unknown>,
      laterMinutes: fc.nat(2_000),
      agoMinutes: fc.oneof(fc.constant(0), fc.nat(5_000)),
    }) as fc.Arbitrary<Attempt>,
);

/** A lodging and whatever comes after it. */
export const anyAttempts: fc.Arbitrary<readonly Attempt[]> = fc
  .tuple(
    COMMAND_ARBITRARIES['lodge-complaint'],
    fc.array(anyAttempt, { maxLength: ATTEMPTS_MAX, size: 'max' }),
  )
  .map(([command, rest]) => [
    { name: 'lodge-complaint', command, laterMinutes: 0, agoMinutes: 0 },
    ...rest,
  ]);

const MINUTE_MS = 60_000;

/** The events that attempts leave behind when those that are refused leave none. */
export function play(attempts: readonly Attempt[]): readonly Recorded<ComplaintEvent>[] {
  const events: Recorded<ComplaintEvent>[] = [];
  let complaint: Complaint | undefined;
  let millis = millisOf(RECEIVED_AT) + MINUTE_MS;
  for (const { name, command, laterMinutes, agoMinutes } of attempts) {
    millis += laterMinutes * MINUTE_MS;
    const recordedAt = instantFromMillis(millis);
    const occurredAt = instantFromMillis(millis - agoMinutes * MINUTE_MS);
    const times = agoMinutes === 0 ? { recordedAt } : { recordedAt, occurredAt };
    const commandId = eventIdOf(COMMAND_ID, events.length);
    const context = contextAt(recordedAt, { commandId, occurredAt: times.occurredAt });
    const decide = COMMANDS[name].decide as (typeof COMMANDS)['lodge-complaint']['decide'];
    const decision = decide(complaint, command as Commands['lodge-complaint'], context);
    if (decision.kind === 'rejected') continue;
    for (const event of decision.events) {
      const next = recorded(event, events.length, times);
      events.push(next);
      complaint = evolve(complaint, next);
    }
  }
  return events;
}

/** Histories as the deciders allow them. */
export const anyHistory: fc.Arbitrary<readonly Recorded<ComplaintEvent>[]> = anyAttempts.map(play);
