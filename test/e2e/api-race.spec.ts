import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LODGING, startApi, type Answer, type Api } from './api-server.js';

/** Rounds of the race; `REDRESS_RACE_ROUNDS=1000` for the full proof. */
const RACE_ROUNDS = Number(process.env['REDRESS_RACE_ROUNDS'] ?? 40);
const RACERS = 32;
const TIMEOUT_MS = 600_000;

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => {
  await api.close();
});

async function lodge(body: object = {}): Promise<Answer> {
  const answer = await api.post('/v1/complaints', { ...LODGING, ...body });
  expect(answer.status).toBe(201);
  return answer;
}

describe('thirty-two at one complaint', () => {
  it(
    'lets one win each round, and refuses the others clearly',
    async () => {
      const { id } = (await lodge()).body;
      for (let round = 0; round < RACE_ROUNDS; round += 1) await race(id, round);
      const { body } = await api.get(`/v1/complaints/${id}`);
      expect(body).toMatchObject({ eventCount: RACE_ROUNDS + 1, revision: RACE_ROUNDS });
    },
    TIMEOUT_MS,
  );

  async function race(id: string, round: number): Promise<void> {
    const path = `/v1/complaints/${id}/assignment`;
    const answers = await Promise.all(
      Array.from({ length: RACERS }, (_, racer) =>
        api.post(path, { assignee: `handler-${round}-${racer}` }, { 'if-match': `"${round}"` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([
        { status: 409, code: 'revision.conflict' },
        { status: 412, code: 'revision.mismatch' },
      ]).toContainEqual({ status, code: body.code });
    }
  }

  it(
    'makes no forbidden transition when different steps race',
    async () => {
      const { id } = (await lodge()).body;
      const steps: readonly (readonly [string, object])[] = [
        ['acknowledgement', { medium: 'e-mail' }],
        ['decision', { outcome: 'explanation' }],
        ['reply', { reply: 'accepted' }],
        ['closure', { closureReason: 'accepted' }],
        ['withdrawal', {}],
      ];
      const race = Array.from({ length: RACERS }, (_, racer) => {
        const [noun, body] = steps[racer % steps.length] ?? ['withdrawal', {}];
        return api.post(`/v1/complaints/${id}/${noun}`, body);
      });
      const answers = await Promise.all(race);
      expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true);
      const { items } = (await api.get(`/v1/complaints/${id}/events`)).body;
      for (let event = 1; event < items.length; event += 1) {
        const { body } = await api.get(`/v1/complaints/${id}?event=${event}`);
        expect(body.allowed).toContain(COMMAND_OF[items[event].type]);
      }
    },
    TIMEOUT_MS,
  );
});

const COMMAND_OF: Readonly<Record<string, string>> = {
  ComplaintAcknowledged: 'acknowledge-complaint',
  DecisionCommunicated: 'communicate-decision',
  DecisionAccepted: 'record-reply',
  ComplaintClosed: 'close-complaint',
  ComplaintWithdrawn: 'withdraw-complaint',
};
