import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CRITERIA, LODGING, startApi, TOKENS, type Answer, type Api } from './api-server.js';

/** Rounds of the race; `REDRESS_RACE_ROUNDS=1000` for the full proof. */
const RACE_ROUNDS = Number(process.env['REDRESS_RACE_ROUNDS'] ?? 40);
const RACERS = 32;

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

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ status, type: `/problems/${code}` });
  expect(typeof answer.body.title).toBe('string');
  expect(typeof answer.body.detail).toBe('string');
}

describe('a whole life over HTTP', () => {
  it('goes from receipt to closing, and tells every moment of it', async () => {
    const lodged = await lodge({ product: 'Whole life' });
    const { id, reference } = lodged.body;
    expect(lodged.headers.get('location')).toBe(`/v1/complaints/${id}`);
    expect(lodged.headers.get('etag')).toBe('"0"');
    expect(reference).toMatch(/^C-\d{2}-/);
    const steps: readonly (readonly [string, object])[] = [
      ['allegations', { issue: 'Service', description: 'No answer.' }],
      ['forwarding', { respondent: 'Branch 7' }],
      ['acknowledgement', { medium: 'e-mail', contact: 'desk-1' }],
      ['assessment', { criteria: CRITERIA, priority: 'normal' }],
      ['classification', { product: 'Whole life', issue: 'Fees and charges' }],
      ['assignment', { team: 'team-a', assignee: 'handler-9' }],
      ['contacts', { direction: 'inbound', medium: 'phone', summary: 'Asked how far it is.' }],
      [
        'decision',
        {
          outcome: 'monetary-relief',
          remedies: [{ kind: 'refund', money: { amount: '12.50', currency: 'EUR' } }],
        },
      ],
      ['reply', { reply: 'disputed', grounds: 'Not enough.' }],
      ['decision', { outcome: 'monetary-relief' }],
      ['reply', { reply: 'accepted' }],
      ['corrections', { fact: 'country', value: 'IE' }],
      ['closure', { closureReason: 'accepted' }],
      ['reopening', { ground: 'error' }],
      ['withdrawal', {}],
    ];
    for (const [index, [noun, body]] of steps.entries()) {
      const done = await api.post(`/v1/complaints/${id}/${noun}`, body);
      expect({ noun, status: done.status }).toEqual({ noun, status: 200 });
      expect(done.body).toMatchObject({ id, revision: index + 1 });
      expect(done.headers.get('etag')).toBe(`"${index + 1}"`);
    }
    const shown = await api.get(`/v1/complaints/${reference.toLowerCase()}`);
    expect(shown.body).toMatchObject({ id, reference, status: 'withdrawn', revision: 15 });
    expect(shown.headers.get('etag')).toBe('"15"');
    expect(shown.body.allowed).toContain('close-complaint');
    const early = await api.get(`/v1/complaints/${id}?event=1`);
    expect(early.body).toMatchObject({ status: 'open', eventCount: 1 });
    expect(early.headers.get('etag')).toBeNull();
    const history = await readHistory(id, 4);
    expect(history.map((event) => event.type).slice(0, 3)).toEqual([
      'ComplaintLodged',
      'AllegationAdded',
      'ComplaintForwarded',
    ]);
    expect(history).toHaveLength(16);
    expect(JSON.stringify(history)).not.toContain('salt');
    const diff = await api.get(`/v1/complaints/${id}/diff?from=event:6&to=event:7`);
    expect(diff.body.changes).toContainEqual(expect.objectContaining({ path: 'assignment' }));
  });

  async function readHistory(id: string, limit: number): Promise<readonly { type: string }[]> {
    const events: { type: string }[] = [];
    let after = '';
    for (let page = 0; page < 10; page += 1) {
      const { body } = await api.get(`/v1/complaints/${id}/events?limit=${limit}${after}`);
      events.push(...body.items);
      if (body.next === undefined) return events;
      after = `&after=${body.next}`;
    }
    throw new Error('the history does not end');
  }

  it('takes the id, the name of the stream and the reference alike', async () => {
    const { id, reference } = (await lodge()).body;
    for (const name of [id, `complaint-${id}`, id.toUpperCase(), reference.replaceAll('-', '')]) {
      expect((await api.get(`/v1/complaints/${name}`)).body).toMatchObject({ id, reference });
    }
  });

  it('takes a step without a body where its address says all', async () => {
    const { id } = (await lodge()).body;
    expect((await api.post(`/v1/complaints/${id}/withdrawal`)).status).toBe(200);
  });

  it('keeps when it happened and why apart from what was said', async () => {
    const { id } = (await lodge({ receivedAt: '2026-01-05T08:00:00.000Z' })).body;
    const body = { team: 'a', occurredAt: '2026-01-06T08:00:00.000Z', reason: 'workload' };
    expect((await api.post(`/v1/complaints/${id}/assignment`, body)).status).toBe(200);
    const { items } = (await api.get(`/v1/complaints/${id}/events`)).body;
    expect(items[1]).toMatchObject({
      occurredAt: '2026-01-06T08:00:00.000Z',
      reason: 'workload',
      data: { team: 'a' },
      actor: { id: 'local', role: 'case-handler', via: 'http' },
    });
    const before = await api.get(`/v1/complaints/${id}?at=2026-01-05T09:00:00.000Z`);
    expect(before.body.assignment).toBeUndefined();
    expectProblem(
      await api.get(`/v1/complaints/${id}?at=2020-01-01T00:00:00.000Z`),
      404,
      'complaint.not-lodged',
    );
  });
});

describe('doing it once', () => {
  it('answers a key the second time as the first, and writes once', async () => {
    const key = { 'idempotency-key': 'lodge-1' };
    const first = await api.post('/v1/complaints', LODGING, key);
    const second = await api.post('/v1/complaints', LODGING, key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    const path = `/v1/complaints/${first.body.id}/contacts`;
    const contact = { direction: 'inbound', medium: 'phone' };
    const one = await api.post(path, contact, key);
    const two = await api.post(path, contact, key);
    expect(two.body).toEqual(one.body);
    const { items } = (await api.get(`/v1/complaints/${first.body.id}/events`)).body;
    expect(items).toHaveLength(2);
  });

  it('refuses a key that stood for something else', async () => {
    const key = { 'idempotency-key': 'lodge-2' };
    await api.post('/v1/complaints', LODGING, key);
    const other = await api.post('/v1/complaints', { ...LODGING, product: 'Loan' }, key);
    expectProblem(other, 422, 'idempotency.key-reused');
    const year = await api.post(
      '/v1/complaints',
      { ...LODGING, receivedAt: '2026-01-01T00:00:00.000Z', product: 'Loan' },
      key,
    );
    expectProblem(year, 422, 'idempotency.key-reused');
    const { id } = (await lodge()).body;
    await api.post(`/v1/complaints/${id}/assignment`, { team: 'a' }, key);
    expectProblem(
      await api.post(`/v1/complaints/${id}/closure`, { closureReason: 'out-of-scope' }, key),
      422,
      'idempotency.key-reused',
    );
  });

  it('refuses a key that is empty, too long or not visible', async () => {
    for (const key of ['a b', 'x'.repeat(201)]) {
      const answer = await api.post('/v1/complaints', LODGING, { 'idempotency-key': key });
      expectProblem(answer, 400, 'request.invalid');
      expect(answer.body.errors[0].field).toBe('Idempotency-Key');
    }
  });

  it('refuses a change that was made for another revision', async () => {
    const { id } = (await lodge()).body;
    const path = `/v1/complaints/${id}/assignment`;
    expect((await api.post(path, { team: 'a' }, { 'if-match': '"0"' })).status).toBe(200);
    expectProblem(
      await api.post(path, { team: 'b' }, { 'if-match': '"0"' }),
      412,
      'revision.mismatch',
    );
    for (const tag of ['0', '*', 'W/"0"', '"0", "1"']) {
      expectProblem(
        await api.post(path, { team: 'b' }, { 'if-match': tag }),
        400,
        'request.invalid',
      );
    }
  });
});

describe('wrong input', () => {
  it('names every wrong field by its path, and writes nothing', async () => {
    const head = await api.eventStore.head();
    const answer = await api.post('/v1/complaints', {
      ...LODGING,
      channel: 'pigeon',
      surprise: 1,
      complainant: { email: 7, shoeSize: 44 },
      allegations: [{ issue: ' ' }, 'x'],
    });
    expectProblem(answer, 400, 'request.invalid');
    const fields = answer.body.errors.map((error: { field: string }) => error.field);
    expect(fields).toEqual(
      expect.arrayContaining([
        'surprise',
        'channel',
        'complainant.email',
        'complainant.shoeSize',
        'allegations.0.issue',
        'allegations',
      ]),
    );
    expect(JSON.stringify(answer.body)).not.toContain('pigeon');
    expect(await api.eventStore.head()).toBe(head);
  });

  it.each([
    ['no object', '[]', 400, 'request.invalid'],
    [
      'null where nothing may be null',
      JSON.stringify({ ...LODGING, unit: null }),
      400,
      'request.invalid',
    ],
    ['a missing field', '{}', 400, 'request.invalid'],
    ['broken JSON', '{"channel":', 400, 'request.not-json'],
    ['a body of brackets', '['.repeat(1_000), 400, 'request.not-json'],
    ['a key into the prototype', '{"__proto__":{"channel":"web"}}', 400, 'request.not-json'],
    ['an escaped key into it', '{"\\u005f_proto__":{"channel":"web"}}', 400, 'request.not-json'],
    ['a body over the limit', `"${'x'.repeat(300_000)}"`, 413, 'request.too-large'],
    [
      'more than an event can hold',
      JSON.stringify({
        ...LODGING,
        allegations: Array.from({ length: 20 }, () => ({
          issue: 'Fees',
          description: '\u{1F600}'.repeat(2_000),
        })),
      }),
      413,
      'store.event-too-large',
    ],
    [
      'half a character in what was said',
      JSON.stringify(LODGING).replace('charged', '\\ud800'),
      422,
      'field.bad-value',
    ],
    [
      'half a character in why',
      JSON.stringify({ ...LODGING, reason: '?' }).replace('"?"', '"\\ud800"'),
      422,
      'event.not-canonical',
    ],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await api.post('/v1/complaints', body);
    expectProblem(answer, status, code);
  });

  it('refuses what is not JSON by its media type, and bytes that are no text', async () => {
    const xml = await api.post('/v1/complaints', '<a/>', { 'content-type': 'application/xml' });
    expectProblem(xml, 415, 'request.unsupported-media-type');
    const latin = await fetch(`${api.address}/v1/complaints`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xe9, 0x22]),
    });
    expect(await latin.json()).toMatchObject({ status: 400, code: 'request.not-json' });
  });

  it('answers 404 for what is not there', async () => {
    expectProblem(await api.get('/v1/nothing'), 404, 'route.unknown');
    expectProblem(await api.get('/v1/%E0%A4%A'), 404, 'route.unknown');
    expectProblem(await api.get('/v1/complaints/C-26-0000-0000-0'), 404, 'complaint.not-lodged');
    expectProblem(await api.get('/v1/complaints/nonsense'), 404, 'complaint.not-lodged');
    const nobody = '/v1/complaints/713da5ef-5872-5719-8a2a-064e57406da9';
    expectProblem(await api.get(nobody), 404, 'complaint.not-lodged');
    expectProblem(await api.get(`${nobody}/events`), 404, 'complaint.not-lodged');
    expectProblem(await api.post(`${nobody}/withdrawal`), 404, 'complaint.not-lodged');
  });

  it.each([
    ['/v1/complaints?colour=red', 400, 'request.invalid'],
    ['/v1/complaints?status=open&status=closed', 400, 'request.invalid'],
    ['/v1/complaints?issue=Fees', 400, 'query.not-filterable'],
    ['/v1/complaints?sort=issue', 400, 'query.not-sortable'],
    ['/v1/complaints?sort=colour', 400, 'query.unknown-field'],
    ['/v1/complaints?limit=201', 400, 'request.invalid'],
    ['/v1/complaints?limit=0', 400, 'request.invalid'],
    ['/v1/complaints?after=nonsense', 400, 'query.bad-cursor'],
    ['/v1/complaints?receivedAt.gte=yesterday', 400, 'request.invalid'],
    ['/v1/statistics/counts', 400, 'query.over-limit'],
    ['/v1/statistics/counts?by=colour', 400, 'query.unknown-field'],
    ['/v1/statistics/daily?of=lost', 400, 'request.invalid'],
    ['/v1/statistics/durations?bounds=9,1', 400, 'query.bad-value'],
  ])('refuses the query %s', async (path, status, code) => {
    expectProblem(await api.get(path), status, code);
  });

  it('refuses a moment that cannot be', async () => {
    const { id } = (await lodge()).body;
    for (const query of ['event=2', 'event=0', 'event=x', 'at=now', 'knownAt=2026-02-30', 'x=1']) {
      expectProblem(await api.get(`/v1/complaints/${id}?${query}`), 400, 'request.invalid');
    }
    for (const query of ['', 'from=event:0', 'from=event:0&to=event:9']) {
      expectProblem(await api.get(`/v1/complaints/${id}/diff?${query}`), 400, 'request.invalid');
    }
    expectProblem(
      await api.get(`/v1/complaints/${id}/events?after=nonsense`),
      400,
      'query.bad-cursor',
    );
    const future = { team: 'a', occurredAt: '2999-01-01T00:00:00.000Z' };
    expectProblem(
      await api.post(`/v1/complaints/${id}/assignment`, future),
      422,
      'moment.in-the-future',
    );
  });

  it('tells a refusal of the state from a refusal of what was said', async () => {
    const { id } = (await lodge()).body;
    const reply = await api.post(`/v1/complaints/${id}/reply`, { reply: 'accepted' });
    expectProblem(reply, 409, 'complaint.still-open');
    expectProblem(await api.post(`/v1/complaints/${id}/assignment`, {}), 422, 'assignment.empty');
  });
});

describe('reading one’s writes', () => {
  it('waits for the position that the reader has seen', async () => {
    const { id, position } = (await lodge({ product: 'Read your writes' })).body;
    const list = await api.get('/v1/complaints?product=Read%20your%20writes', {
      'redress-position': position,
    });
    expect(list.body.items.map((item: { id: string }) => item.id)).toEqual([id]);
  });

  it('says when it has not come so far, and when to try again', async () => {
    const { id } = (await lodge()).body;
    for (const path of [
      '/v1/complaints',
      `/v1/complaints/${id}`,
      '/v1/statistics/counts?by=product',
    ]) {
      const answer = await api.get(path, { 'redress-position': '999999999' });
      expectProblem(answer, 503, 'position.not-reached');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    const bad = await api.get('/v1/complaints', { 'redress-position': 'soon' });
    expectProblem(bad, 400, 'request.invalid');
  });

  it('gives a queue page by page, each complaint once', async () => {
    const product = 'Paged';
    const ids: string[] = [];
    let position = '';
    for (let day = 1; day <= 5; day += 1) {
      const lodged = await lodge({ product, receivedAt: `2026-02-0${day}T00:00:00.000Z` });
      ids.push(lodged.body.id);
      position = lodged.body.position;
    }
    const seen: string[] = [];
    let after = '';
    do {
      const path = `/v1/complaints?product=${product}&sort=-receivedAt&limit=2${after}`;
      const { body } = await api.get(path, { 'redress-position': position });
      seen.push(...body.items.map((item: { id: string }) => item.id));
      after = body.next === undefined ? '' : `&after=${body.next}`;
    } while (after !== '');
    expect(seen).toEqual(ids.toReversed());
  });
});

describe('numbers', () => {
  it('leads from a number to the complaints and events behind it', async () => {
    const product = 'Counted & traced';
    const day = '2026-03-02';
    const lodged = await lodge({ product, receivedAt: `${day}T10:00:00.000Z` });
    const other = await lodge({ product, channel: 'post', receivedAt: `${day}T11:00:00.000Z` });
    const decision = { outcome: 'explanation', occurredAt: '2026-03-12T00:00:00.000Z' };
    const decided = await api.post(`/v1/complaints/${lodged.body.id}/decision`, decision);
    const seen = { 'redress-position': decided.body.position };
    const where = `product=${encodeURIComponent(product)}`;
    const counts = await api.get(`/v1/statistics/counts?by=channel,outcome&${where}`, seen);
    expect(counts.body.total).toBe(2);
    const group = counts.body.groups.find(
      (one: { key: { outcome: string } }) => one.key.outcome === 'explanation',
    );
    expect(group).toMatchObject({ count: 1, key: { channel: 'web' } });
    const behind = await api.get(group.lineage);
    const { items } = (await api.get(`/v1/complaints/${lodged.body.id}/events`)).body;
    expect(behind.body.items).toEqual([
      { id: lodged.body.id, events: { lodged: items[0].id, decided: items[1].id } },
    ]);
    const daily = await api.get(
      `/v1/statistics/daily?by=product&receivedDay.gte=${day}&receivedDay.lte=${day}`,
    );
    expect(daily.body.days).toEqual([
      expect.objectContaining({ key: { receivedDay: day, product }, count: 2 }),
    ]);
    const both = await api.get(daily.body.days[0].lineage);
    expect(both.body.items.map((item: { id: string }) => item.id).toSorted()).toEqual(
      [lodged.body.id, other.body.id].toSorted(),
    );
    const durations = await api.get(`/v1/statistics/durations?bounds=5,10,20&${where}`);
    expect(durations.body).toMatchObject({ notYet: 1 });
    const bucket = durations.body.buckets.find((one: { count: number }) => one.count === 1);
    expect(bucket.upTo).toBe(10);
    expect((await api.get(bucket.lineage)).body.items).toEqual(behind.body.items);
  });
});

describe('thirty-two at one complaint', () => {
  it('lets one win each round, and refuses the others clearly', async () => {
    const { id } = (await lodge()).body;
    const path = `/v1/complaints/${id}/assignment`;
    for (let round = 0; round < RACE_ROUNDS; round += 1) {
      const race = Array.from({ length: RACERS }, (_, racer) =>
        api.post(path, { assignee: `handler-${round}-${racer}` }, { 'if-match': `"${round}"` }),
      );
      const answers = await Promise.all(race);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const lost = answers.filter(({ status }) => status !== 200);
      for (const { status, body } of lost) {
        expect([
          { status: 409, code: 'revision.conflict' },
          { status: 412, code: 'revision.mismatch' },
        ]).toContainEqual({ status, code: body.code });
      }
    }
    const { items } = (await api.get(`/v1/complaints/${id}/events?limit=200`)).body;
    expect(items).toHaveLength(Math.min(200, RACE_ROUNDS + 1));
  }, 300_000);

  it('makes no forbidden transition when different steps race', async () => {
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
  });
});

const COMMAND_OF: Readonly<Record<string, string>> = {
  ComplaintAcknowledged: 'acknowledge-complaint',
  DecisionCommunicated: 'communicate-decision',
  DecisionAccepted: 'record-reply',
  ComplaintClosed: 'close-complaint',
  ComplaintWithdrawn: 'withdraw-complaint',
};

describe('who may', () => {
  let guarded: Api;
  beforeAll(async () => {
    guarded = await startApi({ auth: 'tokens' });
  });
  afterAll(async () => {
    await guarded.close();
  });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('wants a token that it knows', async () => {
    const none = await guarded.post('/v1/complaints', LODGING);
    expectProblem(none, 401, 'access.token-missing');
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    const unknown = await guarded.get('/v1/complaints', bearer('wrong'));
    expectProblem(unknown, 401, 'access.token-unknown');
  });

  it('lets each role do what is its own', async () => {
    const lodged = await guarded.post('/v1/complaints', LODGING, bearer(TOKENS.complainant));
    expect(lodged.status).toBe(201);
    const path = `/v1/complaints/${lodged.body.id}`;
    expectProblem(await guarded.get(path, bearer(TOKENS.complainant)), 403, 'access.forbidden');
    expect((await guarded.get(path, bearer(TOKENS.analyst))).status).toBe(200);
    expectProblem(
      await guarded.post(`${path}/withdrawal`, {}, bearer(TOKENS.analyst)),
      403,
      'access.forbidden',
    );
    const done = await guarded.post(`${path}/assignment`, { team: 'a' }, bearer(TOKENS.handler));
    expect(done.status).toBe(200);
    const { items } = (await guarded.get(`${path}/events`, bearer(TOKENS.analyst))).body;
    expect(items[1].actor).toEqual({ id: 'handler-1', role: 'case-handler', via: 'http' });
  });

  it('honours a token in open mode, and refuses one that it does not know', async () => {
    const lodged = await api.post('/v1/complaints', LODGING, bearer(TOKENS.handler));
    const { items } = (await api.get(`/v1/complaints/${lodged.body.id}/events`)).body;
    expect(items[0].actor.id).toBe('handler-1');
    expectProblem(await api.get('/v1/complaints', bearer('wrong')), 401, 'access.token-unknown');
  });
});

describe('operations', () => {
  it('answers probes and numbers, and no read model misses an event', async () => {
    expect((await api.get('/health/live')).body).toEqual({ live: true });
    const ready = await api.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body.checks.projector).toMatchObject({ running: true, restarts: 0 });
    const { body } = await api.get('/metrics');
    expect(body).toMatch(/redress_events_missing\{projection="complaint-register"\} 0/);
    expect(body).toMatch(/redress_projection_lag_events\{projection="daily-statistics"\} \d+/);
    expect(body).toMatch(/redress_events_appended_total [1-9]/);
    expect(body).toMatch(/route="\/v1\/complaints\/:id\/assignment",status="200"/);
  });

  it('logs requests by their template, without addresses and queries', async () => {
    const { id, reference } = (await lodge()).body;
    await api.get(`/v1/complaints/${reference}?at=2026-11-22T00:00:00.000Z`, {
      'x-request-id': 'my-request',
    });
    const lines = await linesUntil((line) => line.requestId === 'my-request');
    const line = lines.find(({ requestId }) => requestId === 'my-request');
    expect(line).toMatchObject({ method: 'GET', route: '/v1/complaints/:id' });
    expect(JSON.stringify(lines)).not.toContain(id);
    expect(JSON.stringify(lines)).not.toContain(reference);
  });

  type Line = { readonly requestId: string };

  async function linesUntil(found: (line: Line) => boolean): Promise<readonly Line[]> {
    for (let turns = 0; turns < 10_000; turns += 1) {
      const lines = api.accessLog
        .join('')
        .trim()
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as Line);
      if (lines.some(found)) return lines;
      await api.get('/health/live');
    }
    throw new Error('the line never came');
  }

  it('carries security headers on every answer', async () => {
    for (const path of ['/health/live', '/v1/complaints', '/v1/nothing', '/docs']) {
      const { headers } = await api.get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('redress-request-id')).not.toBeNull();
    }
  });

  it('had nothing to tell of faults', () => {
    expect(api.log).toEqual([]);
  });
});
