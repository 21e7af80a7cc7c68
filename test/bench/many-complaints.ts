import { join } from 'node:path';
import { existsSync, mkdirSync } from 'node:fs';
import {
  assignComplaint,
  closeComplaint,
  communicateDecision,
  complaintReader,
  lodgeComplaint,
  projections,
  referenceOf,
  streamOfReference,
  type Complaint,
  type ComplaintEvent,
} from '#complaints/contract';
import { step, transact, type EventStore, type Step } from '#event-store/port';
import { SqliteEventStore } from '#event-store/sqlite';
import { instantFromMillis, uuidV5, type CommandContext } from '#kernel';
import { Projector } from '#read-models/projector';
import { SqliteReadModels } from '#read-models/sqlite';
import { SystemRandomness } from '#wiring';

const NAMESPACE = '0b5f7d0e-2f4c-5a54-8f0b-3f0d6f4b8a11';
const FIRST_RECEIPT_MS = Date.parse('2023-01-01T00:00:00.000Z');
const SPREAD_MS = 3 * 365 * 86_400_000;
const IN_FLIGHT = 256;
const PRODUCTS = ['Mortgage', 'Credit card', 'Debt collection', 'Student loan', 'Payday loan'];
const ISSUES = [
  'Billing',
  'Communication tactics',
  'Fees',
  'Servicing',
  'Fraud',
  'Closing',
  'Other',
];
const CHANNELS = ['web', 'phone', 'post', 'e-mail'] as const;
const TEAMS = 25;
const HANDLERS = 400;
/** Three in ten are still open, seven are decided and closed. */
const OPEN_OF_TEN = 3;

type ComplaintStep = Step<Complaint | undefined, ComplaintEvent>;

/** The commands of one complaint of a busy organisation; the same for the same index. */
export function complaintSteps(index: number, count: number): readonly ComplaintStep[] {
  const lodgedMs = FIRST_RECEIPT_MS + Math.floor((index / count) * SPREAD_MS);
  const context = (name: string, laterMs: number): CommandContext => ({
    commandId: commandIdOf(index, name),
    actor: { id: `handler-${index % HANDLERS}`, role: 'case-handler', via: 'bench' },
    now: instantFromMillis(lodgedMs + laterMs),
  });
  // Multiplying by primes mixes the values, so that filters cut across each other.
  const opening = [
    step(
      lodgeComplaint,
      {
        reference: referenceAt(index),
        channel: CHANNELS[(index * 7) % CHANNELS.length] ?? 'web',
        product: PRODUCTS[(index * 13) % PRODUCTS.length] ?? 'Other',
        country: 'GB',
        allegations: [{ issue: ISSUES[(index * 31) % ISSUES.length] ?? 'Other' }],
        narrative: 'The statement shows a fee that nobody told me about, twice in one month.',
      },
      context('lodge', 0),
    ),
    step(
      assignComplaint,
      { assignee: `handler-${(index * 17) % HANDLERS}`, team: `team-${(index * 17) % TEAMS}` },
      context('assign', 3_600_000),
    ),
  ];
  if (index % 10 < OPEN_OF_TEN) return opening;
  const decision = { outcome: 'explanation', remedies: [], medium: 'e-mail' } as const;
  return [
    ...opening,
    step(communicateDecision, decision, context('decide', 5 * 86_400_000)),
    step(closeComplaint, { closureReason: 'no-reply' }, context('close', 25 * 86_400_000)),
  ];
}

function commandIdOf(index: number, name: string): string {
  return uuidV5(NAMESPACE, `${index}/${name}`);
}

/** The reference of the complaint of an index. */
export function referenceAt(index: number): string {
  return referenceOf(commandIdOf(index, 'lodge'), 2023, 0);
}

/** Lodges so many complaints and takes them through their lives; answers the events written. */
export async function fillLog(
  store: EventStore,
  count: number,
  say: (line: string) => void,
): Promise<number> {
  const randomness = new SystemRandomness();
  let next = 0;
  let events = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      if (index > 0 && index % 100_000 === 0) say(`${index} of ${count} complaints`);
      const done = await transact(store, randomness, {
        stream: streamOfReference(referenceAt(index)),
        reader: complaintReader,
        steps: complaintSteps(index, count),
      });
      // Two references in a million may be the same by chance; the second one is left out.
      if (done.kind === 'done') events += done.eventCount;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return events;
}

/** A store in `directory` with so many complaints and its read models; made unless it is there. */
export async function storeWith(
  directory: string,
  count: number,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(directory, `complaints-${count}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(folder, { recursive: true });
  const store = await SqliteEventStore.open({ directory: folder, mode: 'write' });
  const readModels = await SqliteReadModels.open({ directory: folder, mode: 'write' });
  await fillLog(store, count, say);
  say('projecting');
  await new Projector({ eventStore: store, readModels, projections }).catchUp();
  await readModels.close();
  await store.close();
  mkdirSync(join(folder, 'complete'));
  return folder;
}
