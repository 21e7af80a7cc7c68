import { relative } from 'node:path';
import { happenedAt } from '#kernel';
import {
  complaintRegister,
  decodeComplaintEvent,
  replay,
  type RecordedComplaintEvent,
} from '#complaints/contract';
import type { Stores } from '#wiring';
import { queueTable } from './commands/list.js';
import type { SignIn } from './demo-folder.js';
import { print, table } from './output.js';

const QUEUE_SHOWN = 10;
const GROUPS_SHOWN = 8;

export type DemoSummary = {
  readonly complaints: number;
  readonly events: number;
  readonly documents: number;
  readonly differing: number;
  readonly eventsMissing: number;
  readonly seconds: number;
  /** The signed note over all events; absent when the ledger is off. */
  readonly checkpoint?: string;
};

/** The option that leads a command to the demonstration. */
export function whereOf(dataDir: string): string {
  return `--data-dir ${relative(process.cwd(), dataDir) || '.'}`;
}

/** Something to look at: the queue, one complaint step by step, the statistics. */
export async function showDemo(
  stores: Stores,
  summary: DemoSummary,
  dataDir: string,
): Promise<void> {
  const { complaints, events, documents, differing, eventsMissing, seconds } = summary;
  print(
    `${number(complaints)} complaints, ${number(events)} events, ${number(documents)} documents ` +
      `in ${seconds.toFixed(1)} s. Refolded and compared: ${differing} differ, ${eventsMissing} missing.`,
  );
  await showQueue(stores);
  await showOneComplaint(stores, dataDir);
  await showStatistics(stores);
}

async function showQueue({ readModels }: Stores): Promise<void> {
  const open = [{ field: 'nextStep', is: 'eq', value: 'decide' }] as const;
  const count = await readModels.count(complaintRegister, open);
  const { rows } = await readModels.find(complaintRegister, {
    where: open,
    sort: { field: 'respondBy', direction: 'ascending' },
    limit: QUEUE_SHOWN,
  });
  title(`The queue: ${number(count)} complaints wait for a decision; first, those due first`);
  print(queueTable(rows));
}

/** Among this many closed ones, the one with the most eventful life is shown. */
const CANDIDATES_MAX = 200;

async function showOneComplaint(
  { eventStore, readModels }: Stores,
  dataDir: string,
): Promise<void> {
  const { rows } = await readModels.find(complaintRegister, {
    where: [{ field: 'status', is: 'eq', value: 'closed' }],
    sort: { field: 'receivedAt', direction: 'ascending' },
    limit: CANDIDATES_MAX,
  });
  const [row] = rows.toSorted(
    (a, b) => b.document.reopenedCount - a.document.reopenedCount || b.revision - a.revision,
  );
  if (!row) return;
  const stored = await eventStore.readStream(row.id);
  const { reference } = row.document;
  replayStepByStep(reference, stored.map(decodeComplaintEvent));
  const where = whereOf(dataDir);
  print(`\n  npx redress show ${reference} --event 3 ${where}`);
  print(`  npx redress history ${reference} ${where}`);
}

function replayStepByStep(reference: string, events: readonly RecordedComplaintEvent[]): void {
  title(`${reference} replayed: after each event, what was so then`);
  print(
    table(
      ['#', 'happened', 'event', 'by', 'status then', 'outcome then'],
      events.map((event, index) => {
        const then = replay(events, { event: index + 1 });
        const complaint = then.kind === 'complaint' ? then.complaint : undefined;
        return [
          index + 1,
          happenedAt(event.metadata).slice(0, 16).replace('T', ' '),
          event.type,
          event.metadata.actor.id,
          complaint?.status,
          complaint?.decision?.outcome,
        ];
      }),
    ),
  );
}

async function showStatistics({ readModels }: Stores): Promise<void> {
  for (const field of ['product', 'outcome', 'timely', 'status'] as const) {
    const groups = await readModels.group(complaintRegister, { by: [field], limit: GROUPS_SHOWN });
    title(`By ${field}`);
    print(
      table(
        [field, 'complaints'],
        groups.map(({ key, count }) => [keyText(key[field]), count]),
      ),
    );
  }
}

/** Addresses, and one ready line for each kind of user. */
export function showSignIns(address: string, signIns: readonly SignIn[]): string {
  const lines = signIns.map(
    ({ role, token }) =>
      `  ${role.padEnd(19)}curl -s -H 'Authorization: Bearer ${token}' ${lineOf(address, role)}`,
  );
  return [
    '',
    `API        ${address}/v1/complaints`,
    `Read it    ${address}/docs   (OpenAPI: ${address}/openapi.json)`,
    `Health     ${address}/health/ready   ${address}/metrics`,
    '',
    'One sign-in for each kind of user:',
    ...lines,
    '',
  ].join('\n');
}

const LODGE_EXAMPLE = `{"channel":"web","product":"Credit card","allegations":[{"issue":"Billing disputes"}]}`;

function lineOf(address: string, role: string): string {
  if (role === 'complainant') {
    return `-H 'Content-Type: application/json' -d '${LODGE_EXAMPLE}' ${address}/v1/complaints`;
  }
  return `'${address}/v1/complaints?limit=5'`;
}

function title(text: string): void {
  print(`\n${text}\n`);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function keyText(value: unknown): string {
  return typeof value === 'string' ? value : '(none yet)';
}
