import { CRITERIA, LODGING } from './api-server.js';
import type { ToldClock } from './servers-inputs.js';

/** One whole life by the nouns of its steps: decided, disputed, decided again, closed, reopened. */
const STEPS: readonly (readonly [noun: string, body: object])[] = [
  ['allegations', { issue: 'Service', description: 'No answer.' }],
  ['forwarding', { respondent: 'Branch 7' }],
  ['acknowledgement', { medium: 'e-mail', contact: 'desk-1' }],
  ['assessment', { criteria: CRITERIA, priority: 'normal' }],
  ['classification', { product: 'Whole life', issue: 'Fees and charges' }],
  ['assignment', { team: 'team-a', assignee: 'handler-9' }],
  ['contacts', { direction: 'inbound', medium: 'phone', summary: 'Asked how far it is.' }],
  // Refused: there is no decision to reply to yet.
  ['reply', { reply: 'accepted' }],
  [
    'decision',
    {
      outcome: 'monetary-relief',
      remedies: [{ kind: 'refund', money: { amount: '12.50', currency: 'EUR' } }],
    },
  ],
  ['reply', { reply: 'disputed', grounds: 'Not enough.' }],
  ['decision', { outcome: 'monetary-relief', explanation: 'Größer geht es nicht. 手数料' }],
  ['reply', { reply: 'accepted' }],
  ['corrections', { fact: 'country', value: 'IE' }],
  // Refused: the moment has not come.
  ['contacts', { direction: 'outbound', medium: 'post', occurredAt: '2031-01-01T00:00:00.000Z' }],
  ['closure', { closureReason: 'accepted' }],
  ['reopening', { ground: 'error' }],
  ['withdrawal', { reason: 'Told us by phone.' }],
];

const COMPLAINTS = 5;

type Served = { readonly address: string; readonly clock: ToldClock };

/** Sends every step with a key of its own, each twice, and answers what the server answered. */
export async function liveOverHttp({ address, clock }: Served): Promise<readonly string[]> {
  const answers: string[] = [];
  const send = async (path: string, body: object, headers: Record<string, string>) => {
    const response = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const { position, ...said } = (await response.json()) as Record<string, unknown>;
    const line = { path, status: response.status, etag: response.headers.get('etag'), said };
    answers.push(JSON.stringify(line));
    return { said, position };
  };
  for (let number = 0; number < COMPLAINTS; number += 1) {
    clock.passMinutes(7);
    const lodging = { ...LODGING, product: `Life ${number}` };
    const key = { 'idempotency-key': `life-${number}` };
    const { said } = await send('/v1/complaints', lodging, key);
    const path = `/v1/complaints/${String(said['id'])}`;
    for (const [ordinal, [noun, body]] of STEPS.entries()) {
      clock.passMinutes(60 + number);
      const stepKey = { 'idempotency-key': `life-${number}-${ordinal}` };
      await send(`${path}/${noun}`, body, stepKey);
      await send(`${path}/${noun}`, body, stepKey);
    }
    // Refused: it is at another revision by now.
    await send(`${path}/contacts`, { direction: 'inbound', medium: 'web' }, { 'if-match': '"3"' });
  }
  return answers;
}

/** What readers are shown who must see everything up to a position. */
export async function readOverHttp(
  { address }: Served,
  position: string,
): Promise<readonly string[]> {
  const pages = [
    '/v1/complaints?limit=200',
    '/v1/complaints?status=withdrawn&limit=2',
    '/v1/complaints?product=Life%203',
    '/v1/statistics/counts?by=outcome',
    '/v1/statistics/series?of=closed&interval=week',
    '/v1/statistics/durations?of=decision',
  ];
  const shown: string[] = [];
  for (const page of pages) {
    const response = await fetch(`${address}${page}`, {
      headers: { 'redress-position': position },
    });
    shown.push(`${page} ${response.status} ${withoutPositions(await response.text())}`);
  }
  return shown;
}

/** Positions and cursors are opaque words of the store that gave them. */
function withoutPositions(text: string): string {
  return text.replaceAll(/"(position|next|asOf|upTo)":"[^"]*"/g, '"$1":"…"');
}
