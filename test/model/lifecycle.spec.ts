import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  COMMANDS,
  complaintReader,
  REFUSAL_CODES,
  type CommandName,
  type Commands,
  type RefusalCode,
} from '#complaints/contract';
import { MemoryEventStore } from '#event-store/memory';
import { APPEND_COUNT_MAX, step, transact } from '#event-store/port';
import { instantFromMillis, millisOf, Randomness, uuidV5 } from '#kernel';
import {
  anyAttempt,
  ASSESSMENT,
  COMMAND_ID,
  contextAt,
  LODGE,
  RECEIVED_AT,
  REFERENCE,
  STREAM,
} from '#testing/complaints';
import { ComplaintModel, type Try } from './complaint-model.js';

class NoRandomness extends Randomness {
  override bytes(length: number): Uint8Array {
    return new Uint8Array(length);
  }
}

type Spoiled = {
  readonly name: CommandName;
  readonly command: object;
  readonly code: RefusalCode;
};

/** Commands whose data is wrong, each with the refusal that it deserves. */
const SPOILED: readonly Spoiled[] = [
  {
    name: 'lodge-complaint',
    command: { ...LODGE, reference: 'C-26' },
    code: 'reference.malformed',
  },
  {
    name: 'lodge-complaint',
    command: { ...LODGE, receivedAt: '2099-01-01T00:00:00.000Z' },
    code: 'receipt.in-the-future',
  },
  { name: 'lodge-complaint', command: { ...LODGE, allegations: [] }, code: 'field.missing' },
  { name: 'lodge-complaint', command: { ...LODGE, colour: 'red' }, code: 'field.unknown' },
  {
    name: 'forward-complaint',
    command: { respondent: 'Unheard of', medium: 'pigeon' },
    code: 'field.bad-value',
  },
  {
    name: 'record-contact',
    command: { direction: 'inbound', medium: 'post', summary: 'x'.repeat(5_000) },
    code: 'field.too-long',
  },
  {
    name: 'communicate-decision',
    command: { outcome: 'monetary-relief', remedies: Array(21).fill({ kind: 'refund' }) },
    code: 'field.too-many',
  },
  {
    name: 'communicate-decision',
    command: { outcome: 'no-relief', remedies: [{ kind: 'refund' }] },
    code: 'decision.remedies-contradict-outcome',
  },
  {
    name: 'acknowledge-complaint',
    command: { medium: 'post', respondBy: '2026-03-01T00:00:00.000Z' },
    code: 'promise.in-the-past',
  },
  {
    name: 'assess-complaint',
    command: { ...ASSESSMENT, priority: 'asap' },
    code: 'field.bad-value',
  },
  { name: 'assign-complaint', command: {}, code: 'assignment.empty' },
  { name: 'correct-fact', command: { fact: 'colour', value: 'red' }, code: 'fact.unknown' },
  { name: 'correct-fact', command: { fact: 'channel', value: 'pigeon' }, code: 'fact.bad-value' },
];

type Sent = {
  readonly name: CommandName;
  readonly command: object;
  readonly spoiled: RefusalCode | undefined;
  readonly laterMinutes: number;
  readonly agoMinutes: number;
};

const anySound: fc.Arbitrary<Sent> = anyAttempt
  // Generated data may contradict itself in these two ways; the model leaves them to SPOILED.
  .filter(({ name, command }) => name !== 'assign-complaint' || Object.keys(command).length > 0)
  .filter(({ name, command }) => name !== 'communicate-decision' || command.outcome !== 'no-relief')
  .filter(({ name, command }) => name !== 'acknowledge-complaint' || !('respondBy' in command))
  .map((attempt) => ({ ...attempt, spoiled: undefined }));

const anySpoiled: fc.Arbitrary<Sent> = fc.constantFrom(...SPOILED).map(({ code, ...rest }) => ({
  ...rest,
  spoiled: code,
  laterMinutes: 1,
  agoMinutes: 0,
}));

const lodging: Sent = {
  name: 'lodge-complaint',
  command: { ...LODGE, receivedAt: RECEIVED_AT },
  spoiled: undefined,
  laterMinutes: 0,
  agoMinutes: 0,
};

const contact: Sent = {
  ...lodging,
  name: 'record-contact',
  command: { direction: 'inbound', medium: 'phone' },
};

/** What the random part starts from: nothing, a complaint, or one near a limit. */
const BEGINNINGS = {
  nothing: [],
  lodged: [lodging],
  'many allegations': [{ ...lodging, command: { ...LODGE, allegations: allegations(50) } }],
  'many events': [lodging, ...Array.from({ length: 1_998 }, () => contact)],
} as const satisfies { readonly [name: string]: readonly Sent[] };

function allegations(count: number): readonly { readonly issue: string }[] {
  return Array.from({ length: count }, (_, index) => ({ issue: `Issue ${index}` }));
}

const anyCase = fc.record({
  beginning: fc.oneof(
    { weight: 4, arbitrary: fc.constant('nothing' as const) },
    { weight: 30, arbitrary: fc.constant('lodged' as const) },
    { weight: 3, arbitrary: fc.constant('many allegations' as const) },
    { weight: 1, arbitrary: fc.constant('many events' as const) },
  ),
  sent: fc.array(
    fc.oneof({ weight: 6, arbitrary: anySound }, { weight: 1, arbitrary: anySpoiled }),
    { maxLength: 40, size: 'max' },
  ),
});

const MINUTE_MS = 60_000;

function stepOf({ name, command }: Sent, context: ReturnType<typeof contextAt>) {
  // The table's entries differ in their commands; each name comes with its own here.
  const decide = COMMANDS[name].decide as (typeof COMMANDS)['record-contact']['decide'];
  return step(decide, command as Commands['record-contact'], context);
}

async function begin(store: MemoryEventStore, model: ComplaintModel, sent: readonly Sent[]) {
  const now = instantFromMillis(millisOf(RECEIVED_AT) + MINUTE_MS);
  const steps = sent.map((one, index) =>
    stepOf(one, contextAt(now, { commandId: uuidV5(COMMAND_ID, `begin ${index}`) })),
  );
  for (let first = 0; first < steps.length; first += APPEND_COUNT_MAX) {
    const transacted = await transact(store, new NoRandomness(), {
      stream: STREAM,
      reader: complaintReader,
      steps: steps.slice(first, first + APPEND_COUNT_MAX),
    });
    expect(transacted.kind).toBe('done');
  }
  for (const { name, command } of sent) {
    model.remember({ name, command: { ...command }, moment: now, now, spoiled: undefined });
  }
}

describe('a complaint under random commands', () => {
  it('does what the model says, and every refusal there is can be met', async () => {
    const met = new Set<string>();
    const statuses = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ beginning, sent }) => {
        const store = new MemoryEventStore();
        const model = new ComplaintModel(REFERENCE);
        await begin(store, model, BEGINNINGS[beginning]);
        let millis = millisOf(RECEIVED_AT) + 2 * MINUTE_MS;
        for (const [index, one] of sent.entries()) {
          millis += one.laterMinutes * MINUTE_MS;
          const now = instantFromMillis(millis);
          const moment = instantFromMillis(millis - one.agoMinutes * MINUTE_MS);
          const attempt: Try = {
            name: one.name,
            command: { ...one.command },
            moment,
            now,
            spoiled: one.spoiled,
          };
          const foretold = model.foretell(attempt);
          const commandId = uuidV5(COMMAND_ID, String(index));
          const transacted = await transact(store, new NoRandomness(), {
            stream: STREAM,
            reader: complaintReader,
            steps: [stepOf(one, contextAt(now, { commandId, occurredAt: moment }))],
          });
          if (transacted.kind === 'rejected') met.add(transacted.code);
          expect({
            name: one.name,
            verdict:
              transacted.kind === 'rejected'
                ? transacted.code
                : transacted.eventCount === 0
                  ? 'nothing'
                  : 'event',
          }).toEqual({ name: one.name, verdict: foretold });
          if (foretold === 'event') model.remember(attempt);
          statuses.add(model.status);
        }
        const stored = await store.readStream(STREAM);
        const complaint = stored
          .map((event) => complaintReader.decode(event))
          .reduce(complaintReader.evolve, complaintReader.initial);
        expect(complaint?.status).toBe(model.status);
        expect(complaint?.eventCount ?? 0).toBe(model.eventCount);
        await store.close();
      }),
      { numRuns: 600, seed: 20_261_122 },
    );
    expect([...met].toSorted()).toEqual(Object.keys(REFUSAL_CODES).toSorted());
    expect(statuses.size).toBe(7);
  });
});
